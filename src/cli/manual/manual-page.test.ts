import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { exitCodes } from "../exit-codes.ts";
import { library } from "../library.ts";
import { createProgram } from "../run-cli.ts";
import { FakeClock, FakeStream } from "../testing/fakes.ts";
import { manualPage } from "./manual-page.ts";
import { entry, troffText } from "./troff.ts";

const file = new URL("../../../docs/migrate-container.1", import.meta.url);
const stdout = new FakeStream();
const program = createProgram(
  {
    ...{ stdout, stderr: new FakeStream(), environment: {}, clock: new FakeClock() },
    ...{ signals: new EventEmitter(), canAsk: false, exit: () => {}, confirm: async () => true, library },
  },
  async () => {},
);

async function made(): Promise<string> {
  const reference = await readFile(new URL("../../../docs/cli.md", import.meta.url), "utf8");
  const helpOf = (command: typeof program) => {
    stdout.text = "";
    command.outputHelp();
    return stdout.text;
  };
  return manualPage({ program, helpOf, reference });
}

test("docs/migrate-container.1 is the command tree's manual page", async () => {
  if (process.env.UPDATE_DOCS === "1") await writeFile(file, await made());
  else assert.equal(await readFile(file, "utf8"), await made(), "run this test with UPDATE_DOCS=1");
});

test("the manual page has every command, option and exit status", async () => {
  const page = await made();
  for (const command of program.commands.filter((each) => each.name() !== "__complete")) {
    assert.ok(page.includes(`.SS "${troffText(command.name())}"`), command.name());
    for (const { long } of command.options) assert.ok(page.includes(troffText(long ?? "")), long ?? command.name());
  }
  assert.doesNotMatch(page, /__complete/);
  for (const status of Object.values(exitCodes)) assert.ok(page.includes(`.TP\n.B "${status}"\n`), String(status));
  assert.match(page, /\.B "DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG"/);
  assert.match(page, /\$ migrate\\-container migrate web ssh:\/\/root@board/);
});

test("troff leaves text as it is: dashes, backslashes, quotes, and points at the begin of a line", () => {
  assert.equal(troffText("a-b \\n\n.x\n'y"), "a\\-b \\en\n\\&.x\n\\&'y");
  assert.equal(entry('--say "x"', "."), '.TP\n.B "\\-\\-say ""x"""\n\\&.');
});

test("man shows the manual page without a warning", async (context) => {
  const env = { MANWIDTH: "100", LC_ALL: "C.UTF-8" };
  const shown = await execa("man", ["--warnings", "-l", fileURLToPath(file)], { env, reject: false });
  if (shown.code === "ENOENT") return context.skip("man is not installed");
  assert.deepEqual([shown.exitCode, shown.stderr], [0, ""]);
  assert.match(shown.stdout, /^ {3}migrate\n/m);
  const words = shown.stdout.replaceAll(/\s+/g, " ");
  assert.ok(
    words.includes(
      ' --leave-source <state> what becomes of the source\'s container after the move (choices: "stopped", "removed", ',
    ),
  );
  assert.ok(words.includes(" 130 interrupted by SIGINT, SIGTERM or SIGHUP; "), words);
});
