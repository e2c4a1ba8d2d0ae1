import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { LabMachine } from "../lab/machines.ts";
import { openTcpLink } from "../src/host/testing/tcp-link.ts";

/** A way to a machine's sshd that can be cut and mended. */
export interface Link extends AsyncDisposable {
  /** For `migrate-container`. */
  readonly target: string;
  /** An OpenSSH configuration that leads over the link. */
  readonly sshConfig: string;
  /** Breaks all connections and refuses new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function openLink(machine: LabMachine): Promise<Link> {
  const link = await openTcpLink(await realAddress(machine));
  const folder = await mkdtemp(join(tmpdir(), "link-"));
  const sshConfig = join(folder, "ssh-config");
  await writeFile(sshConfig, await configuration(machine, link.port));
  return {
    target: machine.target,
    sshConfig,
    cut: link.cut,
    mend: link.mend,
    async [Symbol.asyncDispose]() {
      await link.cut();
      await rm(folder, { recursive: true });
    },
  };
}

/** Where OpenSSH finds the machine. */
async function realAddress({ sshConfig, name }: LabMachine): Promise<{ address: string; port: number }> {
  const { stdout } = await execa("ssh", ["-F", sshConfig, "-G", name]);
  const word = (key: string): string => new RegExp(`^${key} (.*)$`, "m").exec(stdout)![1]!;
  return { address: word("hostname"), port: Number(word("port")) };
}

/** The machine's own entry with another address; its key is known under the alias that the entry has, or its old address. */
async function configuration(machine: LabMachine, port: number): Promise<string> {
  const { stdout } = await execa("ssh", ["-F", machine.sshConfig, "-G", machine.name]);
  const keep = /^(user|identityfile|userknownhostsfile|hostkeyalias|identitiesonly|stricthostkeychecking) /;
  const kept = stdout.split("\n").filter((line) => keep.test(line));
  const alias = kept.some((line) => line.startsWith("hostkeyalias ")) ? [] : [await knownAlias(machine)];
  return [`Host ${machine.name}`, "hostname 127.0.0.1", `port ${port}`, ...alias, ...kept, ""].join("\n");
}

/** The name under which the known hosts have the machine's key. */
async function knownAlias({ sshConfig, name }: LabMachine): Promise<string> {
  const { stdout } = await execa("ssh", ["-F", sshConfig, "-G", name]);
  const [, file = ""] = /^userknownhostsfile (\S+)/m.exec(stdout) ?? [];
  const [first = ""] = (await readFile(file, "utf8")).split(/[ ,]/);
  return `hostkeyalias ${first}`;
}
