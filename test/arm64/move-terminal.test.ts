import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureImage } from "../../lab/images.ts";
import { ensureArm64Machine, ensureX86Machine } from "../../lab/machines.ts";
import { migrate } from "../../src/index.ts";
import { docker, removeContainer } from "../support/docker.ts";
import { clear, on } from "../support/machine.ts";
import { ensureSource } from "../support/surroundings.ts";
import { typeLines } from "../support/terminal.ts";

const name = "move-terminal-shell";

before(ensureSource);
after(() => removeContainer(name));

for (const [cpu, ensureMachine] of [
  ["x86_64", ensureX86Machine],
  ["ARM64", ensureArm64Machine],
] as const) {
  test(`a shell at a terminal (docker run -it) goes on at the terminal of the container on ${cpu}`, async (t) => {
    const machine = await ensureMachine();
    await clear(machine, name);
    t.after(() => clear(machine, name));
    const image = await ensureImage("python");
    await removeContainer(name);
    await docker("run", "--detach", "--interactive", "--tty", "--name", name, image, "sh");
    const here = ["script", "--quiet", "--command", `docker attach ${name}`, "/dev/null"] as const;
    // What is typed is shown, too: the answer must not be in it.
    await typeLines(here, [
      ["word=remem''bered; stty rows 31 columns 97 -ixon; cd /tmp; sleep 1000 & echo typed-$word\n", /typed-remembered/],
    ]);
    const result = await migrate({ container: name, target: machine.target, sshConfig: machine.sshConfig });
    assert.equal(result.status, "migrated", JSON.stringify(result));

    const there = ["ssh", "-tt", "-F", machine.sshConfig, machine.name, `docker attach ${name}`] as const;
    const shown = await typeLines(there, [
      ["echo word-$word in $PWD; stty -a; jobs; tty; kill %1; wait; echo all''-done\n", /all-done/],
      ["cat\n", /cat\r\n/],
      ["to be repeated\n", /to be repeated\r\n(?:# )?to be repeated\r\n/],
      ["\u0003", /\^C\r\n# /],
      ["echo after''-interrupt\n", /after-interrupt/],
    ]);
    assert.match(shown, /word-remembered in \/tmp/);
    assert.match(shown, /-ixon/);
    assert.match(shown, /Running +sleep 1000/);
    assert.match(shown, /\/dev\/(pts\/0|console)/);
    assert.match(await on(machine, `docker logs ${name}`), /typed-remembered.*word-remembered/s);
  });
}
