import { join, relative } from "node:path";
import { execa } from "execa";
import { installCriuBundle } from "../src/criu/bundle/install-bundle.ts";
import { quoteWord } from "../src/host/quote.ts";
import { progress, run } from "./command.ts";
import type { LabMachine } from "./machines.ts";
import { sshConfigText } from "./ssh-config.ts";

const checkout = join(import.meta.dirname, "..");
/** Where the checkout lies on the machine. */
const directory = "/opt/migrate-container";
/** Under user-mode networking the host's own 127.0.0.1 is there (QEMU, net/slirp.c). */
const hostAddress = "10.0.2.2";

/**
 * Puts this checkout on an x86_64 machine, so that `migrate-container` is in its PATH: the program as it is now, and, when
 * others are there, its Node.js and the CRIU of `migrate-container setup`.
 */
export async function installTool(machine: LabMachine): Promise<void> {
  const criu = await installCriuBundle();
  const heavy = `node ${process.version}, criu ${criu.version}`;
  if ((await execute(machine, `cat ${directory}/heavy 2>/dev/null || true`)) !== heavy) {
    progress(`sending Node.js and CRIU to ${machine.name}…`);
    await send(machine, checkout, ["node_modules/node"], directory);
    const bundles = "/root/.local/share/migrate-container/criu";
    await send(machine, join(criu.directory, ".."), [criu.architecture], bundles);
    await execute(
      machine,
      `mkdir -p /usr/local/bin && ln -sf ${directory}/node_modules/node/bin/node ${directory}/bin/migrate-container /usr/local/bin/`,
    );
    await execute(machine, `printf %s ${quoteWord(heavy)} >${directory}/heavy`);
  }
  await execute(machine, `rm -rf ${directory}/src`);
  await send(machine, checkout, ["bin", "src", "package.json", ...(await dependencies())], directory);
}

/** Makes `target` known to `source` under its name, by way of this host. */
export async function introduce(source: LabMachine, target: LabMachine): Promise<void> {
  const settings = await run("ssh", ["-F", target.sshConfig, "-G", target.name]);
  const setting = (name: string): string => new RegExp(`^${name} (.*)$`, "m").exec(settings)?.[1] ?? "";
  const identityFile = `/root/.ssh/${target.name}-key`;
  const knownHostsFile = `/root/.ssh/${target.name}-known-hosts`;
  const text = sshConfigText({ alias: target.name, address: hostAddress, port: target.ports[22]!, identityFile, knownHostsFile });
  await execute(source, `umask 077; cat >${identityFile}`, { inputFile: setting("identityfile") });
  await execute(source, `cat >${knownHostsFile}`, { inputFile: setting("userknownhostsfile") });
  await execute(source, `printf %s ${quoteWord(text)} >/root/.ssh/config`);
}

/** The folders of the packages that the program needs at run time, below the checkout. */
async function dependencies(): Promise<string[]> {
  const list = await run("npm", ["ls", "--prefix", checkout, "--omit=dev", "--all", "--parseable"]);
  return list
    .split("\n")
    .map((folder) => relative(checkout, folder))
    .filter((folder) => folder !== "");
}

async function send(machine: LabMachine, from: string, names: readonly string[], to: string): Promise<void> {
  const tar = execa("tar", ["-C", from, "-cf", "-", ...names], { buffer: false });
  await tar.pipe("ssh", [...reach(machine), `mkdir -p ${to} && tar -C ${to} --no-same-owner -xf -`]);
}

function execute(machine: LabMachine, command: string, options: { inputFile?: string } = {}): Promise<string> {
  return run("ssh", [...reach(machine), command], options);
}

function reach(machine: LabMachine): string[] {
  return ["-F", machine.sshConfig, machine.name];
}
