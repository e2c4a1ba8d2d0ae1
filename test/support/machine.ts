import { execa } from "execa";
import type { LabMachine } from "../../lab/machines.ts";

/** Runs a shell command on a lab machine. @returns standard output, trimmed */
export async function on(machine: LabMachine, command: string): Promise<string> {
  const { stdout } = await execa("ssh", ["-F", machine.sshConfig, machine.name, command]);
  return stdout.trim();
}

/** All that a move could leave on a machine: containers, images, the tool's files, Docker's configuration. */
export function traces(machine: LabMachine): Promise<string> {
  return on(
    machine,
    `docker ps --all --no-trunc --format '{{.ID}} {{.Names}} {{.Image}}' | sort
     docker images --all --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}' | sort
     find /var/lib/migrate-container 2>/dev/null | sort
     cat /etc/docker/daemon.json 2>/dev/null
     true`,
  );
}

/** Removes a container and what a move of it has left there. */
export async function clear(machine: LabMachine, container: string): Promise<void> {
  await on(machine, `docker rm --force --volumes ${container} >/dev/null 2>&1; true`);
}

/** Takes the x86_64 emulator out of a machine's binfmt_misc. @returns what puts it back */
export async function removeEmulator(machine: LabMachine): Promise<AsyncDisposable> {
  const directory = "/proc/sys/fs/binfmt_misc";
  const entry = await on(machine, `cat ${directory}/qemu-x86_64`);
  const field = (name: string): string => new RegExp(`^${name}:? (.*)$`, "m").exec(entry)?.[1] ?? "";
  const escaped = (hexadecimal: string): string => hexadecimal.replaceAll(/../g, String.raw`\x$&`);
  const line = `:qemu-x86_64:M::${escaped(field("magic"))}:${escaped(field("mask"))}:${field("interpreter")}:${field("flags")}`;
  await on(machine, `echo -1 > ${directory}/qemu-x86_64`);
  return {
    [Symbol.asyncDispose]: async () => {
      await on(machine, `printf %s '${line}' > ${directory}/register`);
    },
  };
}
