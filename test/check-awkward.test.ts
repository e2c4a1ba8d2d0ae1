import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { type CheckOptions, check, type Report, type Verdicts } from "../src/index.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { makePerlImage, perlProgram } from "./support/perl-image.ts";
import { ensureSource } from "./support/surroundings.ts";

const unique = `check-awkward-${crypto.randomUUID().slice(0, 8)}`;
const image = `${unique}:test`;
const containers: string[] = [];
let folder: string;

before(async () => {
  await ensureSource();
  // What is measured is the check, not who else keeps the machine busy.
  setPriority(constants.priority.PRIORITY_HIGHEST);
  folder = await mkdtemp(join(tmpdir(), "check-awkward-"));
  await makePerlImage(image);
});

after(async () => {
  for (const container of containers) await removeContainer(container);
  await docker("rmi", image);
  await rm(folder, { recursive: true });
});

const ready = (...strategies: readonly (keyof Verdicts)[]): Verdicts => ({
  resume: "blocked",
  restore: "blocked",
  replatform: "blocked",
  ...Object.fromEntries(strategies.map((strategy) => [strategy, "ready"])),
});
const anywhere = ready("resume", "restore", "replatform");
const startedAnew = ready("replatform");

interface Awkward {
  readonly title: string;
  readonly options?: readonly string[] | (() => Promise<readonly string[]>);
  /** A script of perl; undefined: nothing but waiting. */
  readonly program?: string;
  readonly state?: "running" | "created" | "stopped";
  /** Between two machines of one architecture. */
  readonly verdicts: Verdicts;
  /** The rules with something to say that is more than how one architecture differs from another. */
  readonly rules: readonly string[];
  readonly seen?: RegExp;
}

// Numbers of system calls: the kernel's arch/x86/entry/syscalls/syscall_64.tbl.
const awkward: readonly Awkward[] = [
  { title: "nothing awkward at all", verdicts: anywhere, rules: [] },
  {
    title: "privileged",
    options: ["--privileged"],
    // Not every machine that the tests run on lets a container have all capabilities.
    state: "created",
    verdicts: startedAnew,
    rules: ["container.running", "container.privileged"],
  },
  {
    title: "host network",
    options: ["--network", "host"],
    verdicts: anywhere,
    rules: ["container.host-network"],
  },
  {
    title: "another container's network",
    options: async () => ["--network", `container:${await make({ title: "", verdicts: anywhere, rules: [] })}`],
    verdicts: ready(),
    rules: ["container.joined"],
    seen: /--network=container:/,
  },
  {
    title: "a device that is open",
    options: ["--device", "/dev/fuse"],
    program: 'open(my $device, "+<", "/dev/fuse") or die $!',
    verdicts: startedAnew,
    rules: ["descriptor.device"],
    seen: /\/dev\/fuse, descriptor \d+ of perl \(1\)/,
  },
  {
    title: "a device without a state",
    options: ["--device", "/dev/null:/dev/nothing"],
    verdicts: anywhere,
    rules: [],
  },
  {
    title: "io_uring",
    options: ["--security-opt", "seccomp=unconfined"],
    program: 'my $room = "\\0" x 120; syscall(425, 4, $room) >= 0 or die "io_uring_setup $!"',
    verdicts: startedAnew,
    rules: ["memory.io-uring"],
    seen: /^perl \(1\) uses io_uring$/,
  },
  {
    title: "nested pid namespace",
    options: ["--cap-add", "SYS_ADMIN"],
    program: 'syscall(272, 0x20000000) == 0 or die "unshare $!"; if (fork == 0) { sleep 1000 while 1 }',
    verdicts: startedAnew,
    rules: ["process.namespace"],
    seen: /perl \(\d+\): pid/,
  },
  {
    title: "GPU, as a device",
    options: gpuNode,
    verdicts: startedAnew,
    rules: ["container.devices"],
    seen: /nvidia0/,
  },
  {
    title: "GPU, as Docker's request",
    options: ["--gpus", "all"],
    state: "created",
    verdicts: startedAnew,
    rules: ["container.running", "container.devices"],
    seen: /a device request \(GPU\)/,
  },
  { title: "read-only rootfs", options: ["--read-only"], verdicts: anywhere, rules: [] },
  {
    title: "huge deleted file",
    program: 'open(my $file, "+>", "/huge") or die $!; print $file "x" x 8192; truncate($file, 300 << 20); unlink "/huge"',
    verdicts: anywhere,
    rules: ["descriptor.deleted-files"],
    seen: /\/huge \(deleted\), open in perl \(1\) \(300 MiB, 1 MiB without holes\)/,
  },
  { title: "stopped", state: "stopped", verdicts: startedAnew, rules: ["container.running"], seen: /exited/ },
];

/** As a driver would make it; without one, nobody can open it. */
async function gpuNode(): Promise<readonly string[]> {
  const node = join(folder, "nvidia0");
  await execa("mknod", [node, "c", "195", "0"]);
  return ["--device", `${node}:/dev/nvidia0`];
}

/** Makes the container. @returns its name */
async function make({ options = [], program = "1", state = "running" }: Awkward): Promise<string> {
  const name = `${unique}-${containers.length}`;
  containers.push(name);
  const given = typeof options === "function" ? await options() : options;
  await docker("create", "--name", name, ...given, image, ...perlProgram(program));
  if (state === "created") return name;
  await docker("start", name);
  await eventually(`${name} to be ready`, async () => (await docker("logs", name)) === "ready");
  if (state === "stopped") await docker("stop", "--time", "0", name);
  return name;
}

/** The engine is others' too: the best of three tries counts. */
async function checkInTime(options: CheckOptions): Promise<Report> {
  const times: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    const begin = performance.now();
    const report = await check(options);
    times.push(Math.round(performance.now() - begin));
    if ((times.at(-1) ?? 0) < 2000) return report;
  }
  assert.fail(`each took more than 2 s: ${times.join(", ")} ms`);
}

const ofArchitecture = new Set(["restore.architecture", "replatform.image"]);
const rulesOf = ({ findings }: Report) => findings.map(({ rule }) => rule);

for (const one of awkward) {
  test(`check: ${one.title}`, async () => {
    const name = await make(one);
    const toArm = await checkInTime({ container: name });
    assert.deepEqual(toArm.verdicts, { ...one.verdicts, restore: "blocked" });
    assert.deepEqual(
      rulesOf(toArm)
        .filter((rule) => !ofArchitecture.has(rule))
        .toSorted(),
      one.rules.toSorted(),
    );
    for (const rule of ofArchitecture) assert.ok(rulesOf(toArm).includes(rule));

    const toOther = await checkInTime({ container: name, targetArchitecture: "x86_64" });
    assert.deepEqual([toOther.verdicts, rulesOf(toOther).toSorted()], [one.verdicts, one.rules.toSorted()]);
    if (one.seen !== undefined) assert.match(toOther.findings.map(({ seen }) => seen).join("\n"), one.seen);

    const here = await checkInTime({ container: name, target: "local" });
    assert.deepEqual(here.verdicts, ready());
    const taken = here.findings.find(({ rule }) => rule === "target.name");
    assert.deepEqual(taken?.blocks, ["resume", "restore", "replatform"]);
    assert.match(taken?.remedy ?? "", /--name/);

    const renamed = await checkInTime({ container: name, target: "local", name: `${name}-moved` });
    assert.deepEqual(renamed.verdicts, one.verdicts, JSON.stringify(renamed.blockers));
  });
}

test("check: machines that are not what the user says", async () => {
  const name = await make({ title: "", verdicts: anywhere, rules: [] });
  const { verdicts, blockers } = await check({
    container: name,
    target: "local",
    name: `${name}-moved`,
    sourceArchitecture: "aarch64",
    targetArchitecture: "aarch64",
  });
  assert.deepEqual(verdicts, ready());
  assert.deepEqual(blockers.replatform, ["source.named-architecture", "target.named-architecture"]);
});
