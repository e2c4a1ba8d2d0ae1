import type { MigrationError } from "../errors.ts";
import { type AdbOptions, adb } from "./adb-client.ts";
import { findDevice } from "./adb-devices.ts";
import { deviceUnreachable } from "./adb-errors.ts";
import { asRoot, findRootWay, type RootWay } from "./adb-root.ts";
import type { Launch } from "./child.ts";
import { commandNotFound } from "./command-errors.ts";
import { endMarked, markedCommand, saysNotFound } from "./end-marked.ts";
import type { CommandResult, Host, WithoutRoot } from "./host.ts";
import { makePrivateDirectory } from "./private-directory.ts";
import { RemoteHost } from "./remote-host.ts";
import type { Target } from "./target.ts";

/** What is found out of a device once, when it is opened. */
interface Device {
  readonly serial: string;
  readonly way: RootWay;
  /** A folder for temporary files that is there. */
  readonly temporary: string;
}

const withoutRoot: WithoutRoot = {
  why: "neither su nor `adb root` gives root's rights",
  remedy: "Root the device, and allow `su` for the shell (Magisk asks on the screen), or use a build that allows `adb root`.",
};

const endTimeoutMs = 10_000;
const answerTimeoutMs = 15_000;

/** A device reached by the platform's own `adb`, with its server and keys. */
class AdbHost extends RemoteHost {
  readonly #device: Device;
  readonly #directory: { readonly path: string; remove(): Promise<void> };

  constructor(device: Device, directory: { readonly path: string; remove(): Promise<void> }) {
    super(`adb:${device.serial}`, directory.path);
    this.#device = device;
    this.#directory = directory;
  }

  override get withoutRoot(): WithoutRoot | undefined {
    return this.#device.way === "none" ? withoutRoot : undefined;
  }

  protected override launch(command: readonly string[], environment: Readonly<Record<string, string>>, mark: string): Launch {
    const { serial, way, temporary } = this.#device;
    const words = markedCommand(command, { TMPDIR: temporary, ...environment }, mark);
    // `adb shell` ends with status 0 when the connection breaks (seen with 29 and adbd 34; read_and_dump in client/commandline.cpp
    // takes the end of the protocol for an end of the command). So the device says when the command has ended.
    const line = `(${asRoot(way, words)}); status=$?; echo "${endLine(mark)}$status" >&2; exit $status`;
    return { argv: ["adb", "-s", serial, "shell", "-T", line], environment: {} };
  }

  protected override async endThere(mark: string): Promise<void> {
    const line = asRoot(this.#device.way, endMarked(mark));
    await adb(["-s", this.#device.serial, "shell", "-T", line], { timeoutMs: endTimeoutMs }).catch(() => {});
  }

  protected override async failureOf(
    command: readonly string[],
    result: CommandResult,
    mark: string,
  ): Promise<MigrationError | undefined> {
    if (!result.stderr.includes(endLine(mark))) return deviceUnreachable(this.name, result.stderr);
    return saysNotFound(this.ownResult(result, mark)) ? commandNotFound(this.name, command) : undefined;
  }

  protected override ownResult(result: CommandResult, mark: string): CommandResult {
    const [before = "", after = ""] = result.stderr.split(endLine(mark));
    const [status = "", ...rest] = after.split("\n");
    // What the command's own children have said after its end stays.
    return { ...result, exitCode: Number(status), stderr: before + rest.join("\n") };
  }

  override async reconnect(signal?: AbortSignal): Promise<void> {
    await findDevice(this.#device.serial, { signal });
    const { stdout, words } = await this.#adb(["shell", "-T", "echo there"], { timeoutMs: answerTimeoutMs, signal });
    if (stdout.trim() !== "there") throw deviceUnreachable(this.name, words === "" ? "its shell does not answer" : words);
    await this.forwardAnew();
  }

  override async close(): Promise<void> {
    await this.endSockets();
    await this.#directory.remove();
  }

  /** With su's rights adbd connects nowhere. */
  protected override async mayForward(): Promise<boolean> {
    return this.#device.way === "plain" || this.#device.way === "none";
  }

  protected override async forward(path: string, here: string): Promise<void> {
    await this.#carry(`localfilesystem:${path}`, here);
  }

  /** adbd connects to the device's own ports only, whatever the address. */
  protected override async forwardTcp(_address: string, port: number, here: string): Promise<void> {
    await this.#carry(`tcp:${port}`, here);
  }

  /** The server takes the forwards of a device that it has lost away, but not their files. */
  protected override async endForward(here: string): Promise<void> {
    await this.#adb(["forward", "--remove", `localfilesystem:${here}`]).catch(() => {});
  }

  async #carry(there: string, here: string): Promise<void> {
    const { failed, words } = await this.#adb(["forward", `localfilesystem:${here}`, there]);
    if (failed) throw deviceUnreachable(this.name, words);
  }

  #adb(parameters: readonly string[], options?: AdbOptions) {
    return adb(["-s", this.#device.serial, ...parameters], options);
  }
}

function endLine(mark: string): string {
  return `migrate-container-end ${mark} `;
}

/**
 * Reaches a device: connects a network device, and finds out how commands get root's rights there. Without any, they run as adbd's own user.
 * @throws MigrationError `target-unreachable` with `details.reason` (AdbReason), `command-not-found`, `cancelled`
 */
export async function openAdbHost(target: Target & { kind: "adb" }, options: AdbOptions = {}): Promise<Host> {
  const serial = await findDevice(target.serial, options);
  const name = `adb:${serial}`;
  const features = await adb(["-s", serial, "features"], options);
  if (features.failed) throw deviceUnreachable(name, features.words);
  if (!/^shell_v2$/m.test(features.stdout)) {
    const words = "its adbd has no `shell_v2`, so it does not tell how commands end";
    throw deviceUnreachable(name, words, "other", "Use Android 7 or later.");
  }
  const ask = async (line: string, timeoutMs: number) =>
    (await adb(["-s", serial, "shell", "-T", line], { ...options, timeoutMs })).stdout;
  const way = await findRootWay(ask, serial, async () => {
    await adb(["-s", serial, "wait-for-device"], options);
    await findDevice(serial, options);
  });
  // adbd sets TMPDIR to a folder that is there on Android, but not on Debian.
  const temporary = await ask('if [ -d "$TMPDIR" ]; then echo "$TMPDIR"; else echo /tmp; fi', 30_000);
  return new AdbHost({ serial, way, temporary: temporary.trim() || "/tmp" }, await makePrivateDirectory());
}
