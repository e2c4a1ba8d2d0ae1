import { capabilitiesAtStart } from "../engine/resume-runtime/resume-folder.ts";
import type { CompiledResume } from "../resume/compile.ts";
import { resumeDirectory } from "../resume/resume-directory.ts";
import type { CompileImagesOptions } from "./compile-images.ts";

/** What the person who finds the folder should know. */
export function readme(compiled: CompiledResume, { imageDirectory, targetArchitecture }: CompileImagesOptions): string {
  const tree = compiled.processes.map(
    ({ pid, task, threads }) => `  ${pid}  ${task.comm}${threads.length > 1 ? `, ${threads.length} threads` : ""}`,
  );
  const isNative = compiled.processes[0].architecture.name === targetArchitecture;
  const machine =
    targetArchitecture !== "aarch64"
      ? "On an x86_64 machine whose CPU has all that the machine of the dump has."
      : isNative
        ? "On an ARM64 machine whose CPU has all that the machine of the dump has, and whose kernel has pages of 4 KiB."
        : `On an ARM64 machine, with an x86_64 emulator in binfmt_misc that has the flag F (Debian: apt install qemu-user-static), a kernel
with pages of 4 KiB and addresses of 48 bits.`;
  return `Processes that were dumped with CRIU (${imageDirectory}), compiled to a program that makes them again and goes on.

${tree.join("\n")}

To resume them, as root:

    ./run ROOTFS                 with crun 1.8.4 or later
    RUNTIME=runc ./run ROOTFS    with runc 1.2.6 or later
    CLOCKS=unshare ./run ROOTFS  with older ones (runc from 1.1.3 on), and util-linux 2.36 or later
    CLOCKS=here ./run ROOTFS     without a time namespace, on the machine of the dump

ROOTFS is the container's root file system as it was at the dump. It is written to.
${machine}

It can be done once: the program's file becomes a link to the processes' own executable. What it did is in program/status:
"resumed", or "failed", what, and the result of the system call. The exit status of a failure is 99.

program/            the program (resume) and the images that it reads; the container sees it as ${resumeDirectory}
config.json         the bundle's configuration; run puts in the paths and the clocks, and writes bundle/config.json
own-clocks-config.json  the same without a time namespace
bundle/runtime      calls the runtime as run has called it: bundle/runtime kill ID. Within the time namespace of CLOCKS=unshare only
                    it knows the container as running
clocks              the clocks at the dump: CLOCK_MONOTONIC and CLOCK_BOOTTIME, seconds and nanoseconds

The program begins with these capabilities, and gives up what the processes did not have:
${capabilitiesAtStart(compiled).bounding.join(" ")}
${compiled.notes.length === 0 ? "" : `\nNot quite as it was:\n${compiled.notes.map((note) => `- ${note}`).join("\n")}\n`}
The images hold the processes' memory, with all their secrets: keep this folder to yourself.
`;
}
