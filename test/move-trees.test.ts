import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ensureImage } from "../lab/images.ts";
import { ensureArm64Machine, ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { type MigrationResult, migrate } from "../src/index.ts";
import { docker, publishedPort, removeContainer } from "./support/docker.ts";
import { clear, on } from "./support/machine.ts";
import { ensureSource } from "./support/surroundings.ts";

const names = { pipeline: "move-trees-pipeline", family: "move-trees-family", nginx: "move-trees-nginx" };
let machines: readonly LabMachine[];

before(async () => {
  await ensureSource();
  machines = [await ensureX86Machine(), await ensureArm64Machine()];
  for (const machine of machines) for (const name of Object.values(names)) await clear(machine, name);
});

after(async () => {
  for (const name of Object.values(names)) {
    await removeContainer(name);
    for (const machine of machines) await clear(machine, name);
  }
});

async function move(name: string, machine: LabMachine): Promise<void> {
  const result: MigrationResult = await migrate({
    container: name,
    target: machine.target,
    sshConfig: machine.sshConfig,
    leaveSource: "removed",
  });
  assert.equal(result.status, "migrated", JSON.stringify(result));
}

/** Runs the same test with each machine as the target. */
function onEach(title: string, run: (machine: LabMachine) => Promise<void>): void {
  for (const index of [0, 1]) {
    test(`${title}, ${index === 0 ? "natively" : "to ARM64"}`, async () => {
      const machine = machines[index];
      assert.ok(machine !== undefined);
      await run(machine);
    });
  }
}

onEach("a shell pipeline moves without a missing or a repeated line", async (machine) => {
  const image = await ensureImage("redis");
  await removeContainer(names.pipeline);
  await clear(machine, names.pipeline);
  const script = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.2; done | while read n; do echo $n; done";
  await docker("run", "--detach", "--name", names.pipeline, image, "sh", "-c", script);
  await setTimeout(1500);
  await move(names.pipeline, machine);
  await setTimeout(3000);
  const lines = (await on(machine, `docker logs ${names.pipeline}`)).split("\n").map(Number);
  assert.ok(lines.length > 3, `${lines.length} lines`);
  assert.deepEqual(
    lines,
    lines.map((_, index) => lines[0]! + index),
  );
});

/** Parent and child with unix sockets between them, a session of the child's, a zombie, memory that both share. */
const family = `
import mmap, os, socket, sys, time
near, far = socket.socketpair()
first, second = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
listener = socket.socket(socket.AF_UNIX); listener.bind("/tmp/family.sock"); listener.listen(5)
caller = socket.socket(socket.AF_UNIX); caller.connect("/tmp/family.sock"); called, _ = listener.accept()
near.send(b"stream"); first.send(b"one"); first.send(b"two"); caller.send(b"call")
shared = mmap.mmap(-1, 8192)
zombie = os.fork()
if zombie == 0: os._exit(7)
child = os.fork()
if child == 0:
    os.setsid()
    while True:
        time.sleep(0.05)
        shared[0:8] = (int.from_bytes(shared[0:8], "little") + 1).to_bytes(8, "little")
count = lambda: int.from_bytes(shared[0:8], "little")
time.sleep(0.5)
print("ready", child, os.getsid(child), flush=True)
while not os.path.exists("/tmp/go"): time.sleep(0.1)
before = count(); time.sleep(0.5)
again = socket.socket(socket.AF_UNIX); again.connect("/tmp/family.sock"); late, _ = listener.accept(); late.send(b"late")
print("same", child, os.getsid(child), os.getppid(), flush=True)
print(far.recv(99), second.recv(99), second.recv(99), called.recv(99), again.recv(99), flush=True)
print("counts", count() > before > 10, flush=True)
print("zombie", os.waitpid(zombie, 0) == (zombie, 7 << 8), flush=True)
os.kill(child, 9)
print("child", os.waitpid(child, 0)[1], flush=True)
time.sleep(1000)
`;

onEach("a parent and its children keep their relations, sockets and shared memory", async (machine) => {
  const image = await ensureImage("python");
  await removeContainer(names.family);
  await clear(machine, names.family);
  await docker("run", "--detach", "--name", names.family, image, "python3", "-c", family);
  let ready = "";
  while (!ready.startsWith("ready")) {
    await setTimeout(200);
    ready = await docker("logs", names.family);
  }
  await setTimeout(1000);
  await move(names.family, machine);
  await on(machine, `docker exec ${names.family} touch /tmp/go`);
  await setTimeout(4000);
  const [, child, session] = ready.split(" ");
  assert.equal(
    await on(machine, `docker logs ${names.family}`),
    [`same ${child} ${session} 0`, "b'stream' b'one' b'two' b'call' b'late'", "counts True", "zombie True", "child 9"].join("\n"),
  );
});

onEach("nginx moves with its workers, and reloads there", async (machine) => {
  const image = await ensureImage("nginx");
  await removeContainer(names.nginx);
  await clear(machine, names.nginx);
  await docker("run", "--detach", "--name", names.nginx, "--publish", "8080:80", image);
  const here = await publishedPort(names.nginx, 80);
  const page = await fetchPage(`http://${here.address}:${here.port}/`);
  assert.equal(page.split("\n")[9999 - 1], "9999");
  await move(names.nginx, machine);
  const there = `http://${machine.address}:${machine.ports[8080]}/`;
  for (let request = 0; request < 8; request++) assert.equal(await fetchPage(there), page);
  await on(machine, `docker exec ${names.nginx} nginx -s reload`);
  await setTimeout(3000);
  for (let request = 0; request < 4; request++) assert.equal(await fetchPage(there), page);
  await on(machine, `docker stop ${names.nginx}`);
  assert.equal(await on(machine, `docker inspect --format '{{.State.ExitCode}}' ${names.nginx}`), "0");
});

async function fetchPage(url: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(10_000), headers: { connection: "close" } });
      assert.equal(response.status, 200);
      return await response.text();
    } catch (error) {
      if (attempt === 20) throw error;
      await setTimeout(300);
    }
  }
}
