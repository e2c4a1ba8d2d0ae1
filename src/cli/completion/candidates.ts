import type { Argument, Command, Option } from "commander";

/** What a shell may put in place of the word under the cursor. */
export interface Candidate {
  readonly word: string;
  readonly description?: string;
}

/** Names that are not in the command tree. */
export interface Sources {
  containers(): Promise<readonly string[]>;
  /** @param sshConfig the command line's `--ssh-config` */
  targets(sshConfig: string | undefined): Promise<readonly string[]>;
}

/** Where the cursor is: the command, and what is being typed of it. */
interface Position {
  readonly command: Command;
  /** Whose value the word is. */
  readonly option: Option | undefined;
  /** How many arguments stand before the word. */
  readonly argumentsBefore: number;
  /** Whether the word can be no option. */
  readonly optionsEnded: boolean;
  readonly sshConfig: string | undefined;
}

/**
 * @param words what follows the program's name; the last one is under the cursor, and may be empty
 * @returns `files` when the shell shall offer files
 */
export async function candidatesOf(program: Command, words: readonly string[], sources: Sources): Promise<Candidate[] | "files"> {
  const current = words.at(-1) ?? "";
  const position = locate(program, words.slice(0, -1));
  const { command, option, optionsEnded, argumentsBefore, sshConfig } = position;
  if (option !== undefined) return startingWith(await valuesOf(option, sources, sshConfig), current);
  if (!optionsEnded && current.startsWith("-")) {
    const [name = "", value] = current.split(/=(.*)/s);
    const assigned = value === undefined ? undefined : optionOf(command, name);
    if (assigned === undefined) return startingWith(optionCandidates(command), current);
    const values = startingWith(await valuesOf(assigned, sources, sshConfig), value ?? "");
    return values === "files" ? values : values.map((candidate) => ({ ...candidate, word: `${name}=${candidate.word}` }));
  }
  const subcommands = command.createHelp().visibleCommands(command);
  if (subcommands.length > 0) {
    return startingWith(
      subcommands.map((each) => ({ word: each.name(), description: each.summary() || each.description() })),
      current,
    );
  }
  const all = command.registeredArguments;
  const argument = all[argumentsBefore] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
  return argument === undefined ? [] : startingWith(await valuesOf(argument, sources, sshConfig), current);
}

function locate(program: Command, before: readonly string[]): Position {
  let command = program;
  let argumentsBefore = 0;
  let optionsEnded = false;
  let sshConfig: string | undefined;
  for (let index = 0; index < before.length; index++) {
    const word = before[index] ?? "";
    if (!optionsEnded && word === "--") optionsEnded = true;
    else if (!optionsEnded && word.startsWith("-") && word !== "-") {
      const [name = "", assigned] = word.split(/=(.*)/s);
      const option = optionOf(command, name);
      if (!option?.required) continue;
      const value = assigned ?? before[++index];
      if (value === undefined) return { command, option, argumentsBefore, optionsEnded, sshConfig };
      if (option.long === "--ssh-config") sshConfig = value;
    } else {
      const subcommand = command.commands.find((each) => each.name() === word);
      if (subcommand === undefined) argumentsBefore++;
      else command = subcommand;
    }
  }
  return { command, option: undefined, argumentsBefore, optionsEnded, sshConfig };
}

function optionsOf(command: Command): Option[] {
  const help = command.createHelp();
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
}

function optionOf(command: Command, name: string): Option | undefined {
  return optionsOf(command).find((option) => option.long === name || option.short === name);
}

function optionCandidates(command: Command): Candidate[] {
  return optionsOf(command).map(({ long, short, description }) => ({ word: long ?? short ?? "", description }));
}

/** An argument's or option's values: its choices, else what its name stands for. */
async function valuesOf(
  value: Argument | Option,
  sources: Sources,
  sshConfig: string | undefined,
): Promise<readonly Candidate[] | "files"> {
  const { argChoices } = value;
  if (argChoices !== undefined) return argChoices.map((word) => ({ word }));
  const name = "flags" in value ? (/[<[]([^>\]]+)/.exec(value.flags)?.[1] ?? "") : value.name();
  if (/(^|-)(file|dir)$/.test(name)) return "files";
  if (name === "container") return (await sources.containers()).map((word) => ({ word }));
  if (name === "target") {
    // Of several words only the last is a target: those before it are containers as well.
    const containers = value.variadic ? await sources.containers() : [];
    return [...(await sources.targets(sshConfig)), ...containers].map((word) => ({ word }));
  }
  return [];
}

function startingWith(candidates: readonly Candidate[] | "files", prefix: string): Candidate[] | "files" {
  return candidates === "files" ? candidates : candidates.filter(({ word }) => word.startsWith(prefix));
}
