import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { MigrationError } from "../errors.ts";
import { type AdbOptions, adb } from "./adb-client.ts";
import { findDevice } from "./adb-devices.ts";
import { deviceUnreachable } from "./adb-errors.ts";
import { asRoot, findRootWay, type RootWay } from "./adb-root.ts";
import type { Launch } from "./child.ts";
import { commandNotFound } from "./command-errors.ts";
import { CommandHost } from "./command-host.ts";
import { endMarked, markVariable } from "./end-marked.ts";
import type { CommandResult, Host } from "./host.ts";
import { makePrivateDirectory } from "./private-directory.ts";
import { relaySocket } from "./socket-relay.ts";
import type { Target } from "./target.ts";

/** What is found out of a device once, when it is opened. */
interface Device {
  readonly serial: string;
  readonly way: RootWay;
  /** A folder for temporary files that is there. */
  readonly temporary: string;
}

const endTimeoutMs = 10_000;
const answerTimeoutMs = 15_000;

/** A device reached by the platform's own `adb`, with its server and keys. */
class AdbHost extends CommandHost {
  readonly #device: Device;
  readonly #directory: { readonly path: string; remove(): Promise<void> };
  readonly #sockets = new Map<string, Promise<string>>();
  /** The sockets that the ADB server listens on, by their paths on the device. */
  readonly #forwards = new Map<string, string>();
  readonly #endings: (() => Promise<unknown>)[] = [];

  constructor(device: Device, directory: { readonly path: string; remove(): Promise<void> }) {
    super(`adb:${device.serial}`);
    this.#device = device;
    this.#directory = directory;
  }

  protected override launch(command: readonly string[], environment: Readonly<Record<string, string>>, mark: string): Launch {
    const { serial, way, temporary } = this.#device;
    const variables = Object.entries({ TMPDIR: temporary, ...environment, [markVariable]: mark });
    const words = ["env", ...variables.map(([key, value]) => `${key}=${value}`), ...command];
    // `adb shell` ends with status 0 when the connection breaks (seen with 29 and adbd 34; read_and_dump in client/commandline.cpp
    // takes the end of the protocol for an end of the command). So the device says when the command has ended.
    const line = `(${asRoot(way, words)}); status=$?; echo "${endLine(mark)}$status" >&2; exit $status`;
    return { argv: ["adb", "-s", serial, "shell", "-T", line], environment: {} };
  }

  protected override async endThere(mark: string): Promise<void> {
    const line = asRoot(this.#device.way, ["sh", "-c", endMarked, "sh", `${markVariable}=${mark}`]);
    await adb(["-s", this.#device.serial, "shell", "-T", line], { timeoutMs: endTimeoutMs }).catch(() => {});
  }

  protected override async failureOf(
    command: readonly string[],
    result: CommandResult,
    mark: string,
  ): Promise<MigrationError | undefined> {
    if (!result.stderr.includes(endLine(mark))) return deviceUnreachable(this.name, result.stderr);
    const { exitCode, stderr } = this.ownResult(result, mark);
    if (exitCode === 127 && /(^|\n)env: .*\n?$/.test(stderr)) return commandNotFound(this.name, command);
    return;
  }

  protected override ownResult(result: CommandResult, mark: string): CommandResult {
    const [before = "", after = ""] = result.stderr.split(endLine(mark));
    const [status = "", ...rest] = after.split("\n");
    // What the command's own children have said after its end stays.
    return { ...result, exitCode: Number(status), stderr: before + rest.join("\n") };
  }

  override unixSocket(path: string): Promise<string> {
    let socket = this.#sockets.get(path);
    if (socket === undefined) {
      socket = this.#forward(path, join(this.#directory.path, `socket-${this.#sockets.size}`));
      this.#sockets.set(path, socket);
    }
    return socket;
  }

  override async reconnect(signal?: AbortSignal): Promise<void> {
    await findDevice(this.#device.serial, { signal });
    const { stdout, words } = await this.#adb(["shell", "-T", "echo there"], { timeoutMs: answerTimeoutMs, signal });
    if (stdout.trim() !== "there") throw deviceUnreachable(this.name, words === "" ? "its shell does not answer" : words);
    // The server takes the forwards of a device that it has lost away, but not their files.
    for (const [path, socket] of this.#forwards) {
      await this.#adb(["forward", "--remove", `localfilesystem:${socket}`], { signal });
      await rm(socket, { force: true });
      await this.#listen(path, socket);
    }
  }

  override async close(): Promise<void> {
    await Promise.allSettled(this.#sockets.values());
    for (const end of this.#endings) await end().catch(() => {});
    await this.#directory.remove();
  }

  async #forward(path: string, socket: string): Promise<string> {
    if (this.#device.way !== "plain" && this.#device.way !== "none") {
      // adbd would connect with its own user's rights, not with su's.
      this.#endings.push(await relaySocket(this, socket, path));
      return socket;
    }
    await this.#listen(path, socket);
    this.#forwards.set(path, socket);
    this.#endings.push(() => this.#adb(["forward", "--remove", `localfilesystem:${socket}`]));
    return socket;
  }

  async #listen(path: string, socket: string): Promise<void> {
    const { failed, words } = await this.#adb(["forward", `localfilesystem:${socket}`, `localfilesystem:${path}`]);
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
