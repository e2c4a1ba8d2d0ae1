import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ensureArm64Machine, type LabMachine } from "../../lab/machines.ts";
import { writeResumeFolder } from "../../src/engine/resume-runtime/resume-folder.ts";
import { wrapperScript } from "../../src/engine/resume-runtime/wrapper.ts";
import type { CompiledResume } from "../../src/resume/compile.ts";
import { parseEmulatorDescription } from "../../src/resume/emulators/description.ts";
import type { Emulator } from "../../src/resume/emulators/emulator.ts";
import { qemuUser } from "../../src/resume/emulators/qemu-user.ts";
import { dockerConfig } from "../../src/resume/testing/docker-config.ts";
import type { ConformanceProgram } from "../catalogue.ts";
import { type Outcome, outcomeOf } from "../outcome.ts";
import { bundleOptions } from "../program-container.ts";

/** Where programs are run on the machine; a tmpfs would hide what depends on a disk's file system. */
const machineFolder = "/var/tmp/conformance";

/**
 * Runs on the machine, in a folder that holds `bundle`, `root`, `pending` and `runtime`: resumes the program through the runtime wrapper, lets it
 * verify, and prints what it says. Its words: `failed <what>`, or the program's lines.
 */
const script = `
set -eu
cd "$1"; id=$2
tar -x --numeric-owner -p -f -
runtime="sh ./runtime --root $1/state"
finish() { $runtime delete --force "$id" >/dev/null 2>&1 || true; cd /; rm -rf "$1"; }
if ! { $runtime create --bundle bundle "$id" && $runtime start "$id"; } </dev/null >output 2>&1; then
  echo "failed to start: $(tail -n 3 output | tr '\\n' ' ')"; finish "$1"; exit 0
fi
wait_for() { tries=0; until eval "$1"; do tries=$((tries + 1)); [ $tries -lt 600 ] || return 1; sleep 0.1; done; }
if ! wait_for 'grep -q . resumed/$id/status'; then echo "failed to resume in time: $(tail -n 3 output | tr '\\n' ' ')"; finish "$1"; exit 0; fi
if ! grep -q '^resumed' resumed/$id/status; then echo "failed to resume: $(tr '\\t' ' ' <resumed/$id/status)"; finish "$1"; exit 0; fi
: >root/c/go
if wait_for '[ -e root/c/done ]'; then cat root/c/lines 2>/dev/null; else
  echo "failed: no verdict: $(tail -n 3 output | tr '\\n' ' ') $(cat root/c/lines 2>/dev/null | tr '\\n' ' ')"
fi
finish "$1"
`;

/** The ARM64 machine of the lab, with one SSH connection for all programs. */
export class Arm64 implements AsyncDisposable {
  readonly #machine: LabMachine;
  readonly #folder: string;
  /** What runs the programs there. */
  emulator: Emulator = qemuUser(undefined);

  private constructor(machine: LabMachine, folder: string) {
    this.#machine = machine;
    this.#folder = folder;
  }

  /** @param path of an emulator there. Default: the one in its binfmt_misc */
  static async open(path?: string): Promise<Arm64> {
    const arm64 = new Arm64(await ensureArm64Machine(), await mkdtemp(join(tmpdir(), "arm64-")));
    const asked = path ?? "/usr/bin/qemu-x86_64-static";
    const version = /version (\d+\.\d+[.\d]*)/.exec((await execa("ssh", arm64.#ssh(`${asked} --version`))).stdout)?.[1];
    arm64.emulator =
      path === undefined ? qemuUser(version) : parseEmulatorDescription(JSON.stringify({ path, version }), "--emulator");
    return arm64;
  }

  /** Sends a compiled program with its root and resumes it under the machine's emulator. */
  async resume(program: ConformanceProgram, imageDirectory: string, root: string, compiled: CompiledResume): Promise<Outcome> {
    const id = randomBytes(32).toString("hex");
    const there = `${machineFolder}/${id}`;
    const here = join(this.#folder, id);
    const folders = { pending: `${there}/pending`, resumed: `${there}/resumed`, clocks: `${there}/clocks` };
    try {
      const resumeFolder = join(here, "pending", id);
      await writeResumeFolder(resumeFolder, {
        compiled,
        imageDirectory,
        containerId: id,
        clocks: "runtime",
        emulator: this.emulator.start,
        folders,
      });
      await writeFile(join(resumeFolder, "status"), "");
      await mkdir(join(here, "bundle"));
      const config = JSON.parse(dockerConfig({ ...bundleOptions(program), id, root: `${there}/root` }));
      const { seccomp: _, ...linux } = config.linux;
      await writeFile(join(here, "bundle/config.json"), JSON.stringify({ ...config, linux }));
      await writeFile(join(here, "runtime"), wrapperScript("/usr/bin/crun", folders));
      await rename(root, join(here, "root"));
      const tar = execa("tar", ["--create", "--sparse", "--numeric-owner", "--file", "-", "--directory", here, "."], {
        encoding: "buffer",
        buffer: false,
      });
      const { stdout } = await tar.pipe(
        "ssh",
        this.#ssh(`mkdir -p ${there} && sh -c '${script.replaceAll("'", `'\\''`)}' sh ${there} ${id}`),
      );
      const text = String(stdout).trim();
      if (/^failed/.test(text)) return { kind: "failed", why: text };
      return outcomeOf(text.split("\n").filter((line) => line !== ""));
    } finally {
      await rm(here, { recursive: true, force: true });
    }
  }

  #ssh(command: string): string[] {
    const shared = ["-o", "ControlMaster=auto", "-o", `ControlPath=${this.#folder}/ssh`, "-o", "ControlPersist=60"];
    return ["-F", this.#machine.sshConfig, ...shared, this.#machine.name, command];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await execa("ssh", [...this.#ssh("true").slice(0, -1), "-O", "exit"].toSpliced(-3, 0), { reject: false });
    await rm(this.#folder, { recursive: true, force: true });
  }
}
