import assert from "node:assert/strict";
import { test } from "node:test";
import { MigrationError } from "../../errors.ts";
import { kernelOptions } from "../../kernel/options.ts";
import type { ExaminedItem, SetUpResult } from "../../setup/set-up-machine.ts";
import type { TestResult } from "../../setup/test-machine.ts";
import type { Library } from "../library.ts";
import { runWith } from "../testing/run-with.ts";

const target = "ssh://board";
const good: ExaminedItem = { name: "access", title: "Access", state: "good", found: "commands run as root" };
const mendable: ExaminedItem = {
  ...{ name: "criu", title: "CRIU", state: "mendable", found: "no CRIU 4.2 or later that works" },
  changes: ["put CRIU into /var/lib/migrate-container/criu"],
};
const blocked: ExaminedItem = {
  ...{ name: "engine", title: "Docker", state: "blocked", found: "no Docker answers", remedy: "Install Docker there." },
};

/** A library that finds `items`, and then, if it may, that things are as `then` says. */
function machine(items: readonly ExaminedItem[], then: Partial<SetUpResult> = {}): Partial<Library> {
  const result: SetUpResult = { status: "unchanged", host: target, items, mended: [], errors: [] };
  return {
    setUpMachine: async ({ approve }) => {
      if (!items.some(({ state }) => state === "mendable")) return result;
      return (await approve(items)) ? { ...result, ...then } : { ...result, status: "declined" };
    },
  };
}

const mended = { status: "mended", items: [good], mended: ["criu"] } as const;

test("with --yes it is done without a question, and told", async () => {
  const asked = async () => assert.fail("asked");
  const { exitCode, stdout } = await runWith(machine([good, mendable], mended), ["setup", target, "--yes"], {}, asked);
  assert.equal(exitCode, 0);
  assert.match(stdout, /→ CRIU {4}no CRIU 4\.2 or later that works\n {6}Will: put CRIU into/);
  assert.match(stdout, /✔ ssh:\/\/board is prepared: put right: criu\.\n$/);
});

test("on a terminal a question is asked after what will be done was told", async () => {
  const questions: string[] = [];
  const answer = (yes: boolean) => async (question: string) => {
    questions.push(question);
    return yes;
  };
  const yes = await runWith(machine([mendable], mended), ["setup", target], {}, answer(true));
  assert.equal(yes.exitCode, 0);
  const no = await runWith(machine([mendable], mended), ["setup", target], {}, answer(false));
  assert.equal(no.exitCode, 130);
  assert.doesNotMatch(no.stdout, /prepared/);
  assert.deepEqual(questions, Array(2).fill("Shall this be done on ssh://board? [y/N] "));
});

test("with nobody to ask and without --yes nothing is done", async () => {
  const { exitCode, stderr } = await runWith(machine([mendable], mended), ["setup", target]);
  assert.equal(exitCode, 2);
  assert.equal(stderr, "Nothing was changed: run it with --yes to have this done on ssh://board.\n");
});

test("with --json no question is asked, and what would be done is in the document", async () => {
  const asked = async () => assert.fail("asked");
  const { exitCode, stdout, stderr } = await runWith(machine([mendable], mended), ["setup", target, "--json"], {}, asked);
  assert.equal(exitCode, 2);
  assert.deepEqual(JSON.parse(stdout), { status: "declined", host: target, items: [mendable], mended: [], errors: [] });
  assert.equal(JSON.parse(stderr).type, "message");
});

test("what the user has to do gives status 3, what could not be done status 1", async () => {
  const left = await runWith(machine([good, blocked]), ["setup", target]);
  assert.equal(left.exitCode, 3);
  assert.match(left.stdout, /✖ Docker {2}no Docker answers\n {6}Remedy: Install Docker there\./);
  assert.match(left.stdout, /✖ ssh:\/\/board is not ready yet \(nothing had to be done\): Docker\.\n$/);

  const error = new MigrationError("no-space", "its disk is full", { host: target, remedy: "Make room." });
  const then = { status: "failed", items: [mendable], errors: [{ item: "criu", error }] } as const;
  const failed = await runWith(machine([mendable], then), ["setup", target, "--yes"]);
  assert.equal(failed.exitCode, 1);
  assert.match(failed.stderr, /✖ criu: its disk is full\n {2}Remedy: Make room\./);
});

test("an error after the yes does not claim that nothing was changed", async () => {
  const setUpMachine: Library["setUpMachine"] = async ({ approve }) => {
    await approve([mendable]);
    throw new MigrationError("target-unreachable", "the link is gone", { host: target });
  };
  const { exitCode, stderr } = await runWith({ setUpMachine }, ["setup", target, "--yes"]);
  assert.equal(exitCode, 1);
  assert.match(stderr, /State: Run `migrate-container setup ssh:\/\/board` again/);
});

test("with --json the result is the document", async () => {
  const { stdout } = await runWith(machine([mendable], mended), ["setup", target, "--yes", "--json"]);
  assert.deepEqual(JSON.parse(stdout), { host: target, errors: [], ...mended });
});

const works: TestResult = {
  ...{ works: true, host: target, system: "Debian GNU/Linux 13 (trixie)", items: [good] },
  trials: [{ name: "criu-check", title: "criu check", state: "good", found: "looks good" }],
};

test("--test-only: a table, the remedies, and status 3 if something does not work", async () => {
  const fine = await runWith({ testMachine: async () => works }, ["setup", target, "--test-only"]);
  assert.equal(fine.exitCode, 0);
  assert.equal(
    fine.stdout,
    `ssh://board: Debian GNU/Linux 13 (trixie)
  ✔ Access      commands run as root
  ✔ criu check  looks good

✔ Containers can be moved to ssh://board, as far as it goes.
`,
  );
  const trials = [{ name: "resume", title: "Resume", state: "untried", found: "there is no runc" }] as const;
  const testMachine = async () => ({ ...works, works: false, items: [mendable], trials });
  const lacking = await runWith({ testMachine }, ["setup", target, "--test-only", "--ssh-config", "file"]);
  assert.equal(lacking.exitCode, 3);
  assert.match(
    lacking.stdout,
    /✖ CRIU .*\n.*Remedy: `migrate-container setup ssh:\/\/board --ssh-config file` will put CRIU into/,
  );
  assert.match(lacking.stdout, /• Resume {2}not tried: there is no runc\n\n✖ 1 of 2 does not work on ssh:\/\/board\.\n$/);
});

test("--test-only without a target is about this machine", async () => {
  const targets: string[] = [];
  const testMachine: Library["testMachine"] = async (options) => {
    targets.push(options.target);
    return { ...works, host: "local" };
  };
  const { stdout } = await runWith({ testMachine }, ["setup", "--test-only"]);
  assert.deepEqual(targets, ["local"]);
  assert.match(stdout, /^this machine: Debian/);
});

test("--kernel-fragment without a target prints all options, and is not to be had with --test-only", async () => {
  const { exitCode, stdout } = await runWith({}, ["setup", "--kernel-fragment"]);
  assert.equal(exitCode, 0);
  assert.equal(stdout.match(/^CONFIG_\w+=y$/gm)?.length, kernelOptions.length);
  assert.equal((await runWith({}, ["setup", "--kernel-fragment", "--test-only"])).exitCode, 2);
});
