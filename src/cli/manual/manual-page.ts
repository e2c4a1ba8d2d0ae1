import type { Command, Option } from "commander";
import { entry, paragraph, section, subsection, verbatim } from "./troff.ts";

export interface ManualSources {
  readonly program: Command;
  /** What a command prints for `--help`. */
  helpOf(command: Command): string;
  /** The text of docs/cli.md, whose tables of exit statuses and variables are taken over. */
  readonly reference: string;
}

/** The manual page, in troff, made from the command tree. */
export function manualPage({ program, helpOf, reference }: ManualSources): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const about = (command: Command) => [
    verbatim(`${program.name()} ${command.name()} ${command.usage()}`),
    paragraph(command.description()),
    ...command.registeredArguments.map((argument) => entry(help.argumentTerm(argument), help.argumentDescription(argument))),
    ...optionEntries(command, help.visibleOptions(command)),
    ...afterHelp(command, helpOf),
  ];
  return [
    `.\\" Made from the command tree: UPDATE_DOCS=1, src/cli/manual/manual-page.test.ts`,
    '.TH MIGRATE\\-CONTAINER 1 "" "migrate\\-container" "User Commands"',
    // Neither spread nor hyphenated: most long words are names that people copy.
    ".nh\n.ad l",
    section("Name"),
    "migrate\\-container \\- moves running containers between machines",
    section("Synopsis"),
    verbatim(`${program.name()} [--no-color] [--verbose] <command> [options] [arguments]`),
    section("Description"),
    paragraph(program.description()),
    section("Options of all commands"),
    ...optionEntries(program, help.visibleOptions(program)),
    section("Commands"),
    ...commands.flatMap((command) => [subsection(command.name()), ...about(command)]),
    section("Exit status"),
    ...tableEntries(reference, "Exit status"),
    section("Environment"),
    ...tableEntries(reference, "Environment"),
    section("See also"),
    paragraph("docker(1), criu(8), ssh(1), ssh_config(5)"),
    "",
  ].join("\n");
}

function optionEntries(command: Command, options: readonly Option[]): string[] {
  const help = command.createHelp();
  return options.map((option) => entry(help.optionTerm(option), help.optionDescription(option)));
}

/** What `addHelpText("after")` gave the command: commander has no other way to get at it. */
function afterHelp(command: Command, helpOf: ManualSources["helpOf"]): string[] {
  const text = helpOf(command).slice(command.helpInformation().length).trim();
  return text === "" ? [] : [verbatim(text)];
}

/** The rows of the first table below a heading of the reference. */
function tableEntries(reference: string, heading: string): string[] {
  const text = reference.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = [...text.matchAll(/^\| (?!variable|status)([^|]+) \| ([^|]+) \|$/gm)];
  return rows.map(([, term = "", meaning = ""]) => entry(plain(term), plain(meaning)));
}

/** Markdown without its marks. */
function plain(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");
}
