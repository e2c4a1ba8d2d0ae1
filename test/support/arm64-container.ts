import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ensureImageOn, type ImageName } from "../../lab/images.ts";
import type { LabMachine } from "../../lab/machines.ts";
import { cacheFolder } from "../../lab/paths.ts";
import { installCriuBundle } from "../../src/criu/bundle/install-bundle.ts";
import { quoteWord } from "../../src/host/quote.ts";
import { eventually } from "../../src/resume/testing/eventually.ts";
import { on } from "./machine.ts";

const program = join(import.meta.dirname, "../../bin/migrate-container");
/** Everything is emulated there, and this machine may be busy. */
const patience = 180_000;
const criuThere = "/opt/migrate-container-criu";

/** A container of ARM64 programs on an ARM64 machine: runs under Docker, is dumped and compiled, and goes on under an OCI runtime. */
export class Arm64Container implements AsyncDisposable {
  readonly #machine: LabMachine;
  readonly #name: string;
  readonly #folder: string;

  private constructor(machine: LabMachine, name: string, folder: string) {
    this.#machine = machine;
    this.#name = name;
    this.#folder = folder;
  }

  static async start(machine: LabMachine, image: ImageName, command: readonly string[] = []): Promise<Arm64Container> {
    const container = new Arm64Container(machine, `arm64-${image}`, await mkdtemp(join(tmpdir(), "arm64-container-")));
    await container.#clear();
    const tag = await ensureImageOn(machine, image);
    await on(machine, ["docker", "run", "--detach", "--name", container.#name, tag, ...command].map(quoteWord).join(" "));
    return container;
  }

  /** Runs a command in the container while Docker has it. */
  call(...words: readonly string[]): Promise<string> {
    return on(this.#machine, ["docker", "exec", this.#name, ...words].map(quoteWord).join(" "));
  }

  /** Runs a command in the container after it has been resumed. */
  callResumed(...words: readonly string[]): Promise<string> {
    return on(this.#machine, ["crun", "exec", this.#name, ...words].map(quoteWord).join(" "));
  }

  /** Freezes it, dumps it, compiles the dump here, ends it, and runs the program there. */
  async carry(): Promise<void> {
    await sendCriu(this.#machine);
    await on(
      this.#machine,
      `set -e; mkdir -p ${this.#there}/rootfs
       docker pause ${this.#name}
       id=$(docker inspect --format '{{.Id}}' ${this.#name})
       PATH=${criuThere}/bin:$PATH runc --root /run/docker/runtime-runc/moby checkpoint --leave-running --tcp-established --file-locks \
         --image-path ${this.#there}/images --work-path ${this.#there}/criu $id || { tail -n 20 ${this.#there}/criu/dump.log >&2; exit 1; }
       docker export ${this.#name} | tar -x -C ${this.#there}/rootfs
       docker rm --force ${this.#name}`,
    );
    await mkdir(join(this.#folder, "rootfs"));
    await execa("ssh", [...this.#ssh, `tar -c -C ${this.#there} images`], { buffer: false }).pipe("tar", [
      "-x",
      "-C",
      this.#folder,
    ]);
    const [images, rootfs, output] = ["images", "rootfs", "compiled"].map((name) => join(this.#folder, name)) as [
      string,
      string,
      string,
    ];
    await execa(program, ["compile", images, "--rootfs", rootfs, "--output", output, "--target-arch", "aarch64"]);
    // Its memory is there already.
    const sent = ["-c", "-C", this.#folder, "--exclude", "pages-*", "compiled"];
    const unpack = `tar -x -C ${this.#there} && ln ${this.#there}/images/pages-* ${this.#there}/compiled/program/`;
    await execa("tar", sent, { buffer: false }).pipe("ssh", [...this.#ssh, unpack]);
    await on(this.#machine, `cd ${this.#there}/compiled && (setsid ./run ../rootfs ${this.#name} </dev/null >../output 2>&1 &)`);
    await this.eventually("the program has resumed", () =>
      on(this.#machine, `cat ${this.#there}/output ${this.#there}/compiled/program/status`).then((told) => {
        if (/^(failed|exit)/m.test(told)) throw new Error(told);
        return told.includes("resumed");
      }),
    );
  }

  /** Asks until there is an answer that counts as true. */
  async eventually(what: string, ask: () => Promise<boolean>): Promise<void> {
    await eventually(what, ask, patience);
  }

  /** A file of the resumed container. */
  read(path: string): Promise<string> {
    return on(this.#machine, `cat ${this.#there}/rootfs${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#clear();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #there(): string {
    return `/var/tmp/${this.#name}`;
  }

  get #ssh(): string[] {
    return ["-F", this.#machine.sshConfig, this.#machine.name];
  }

  async #clear(): Promise<void> {
    await on(
      this.#machine,
      `crun delete --force ${this.#name} 2>/dev/null; docker rm --force ${this.#name} 2>/dev/null; rm -rf ${this.#there}`,
    );
  }
}

/** Puts the bundle's CRIU on the machine, once. */
async function sendCriu(machine: LabMachine): Promise<void> {
  const { directory } = await installCriuBundle({ architecture: "arm64", directory: join(cacheFolder, "criu-arm64") });
  if ((await on(machine, `[ ! -e ${criuThere}/bundle.json ] || echo there`)) === "there") return;
  await execa("tar", ["-c", "-C", directory, "."], { buffer: false }).pipe("ssh", [
    ...["-F", machine.sshConfig, machine.name],
    `mkdir -p ${criuThere} && tar -x -C ${criuThere}`,
  ]);
}
