import { rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { MigrationError } from "../errors.ts";
import type { Launch } from "./child.ts";
import { commandNotFound } from "./command-errors.ts";
import { CommandHost } from "./command-host.ts";
import { endMarked, markVariable } from "./end-marked.ts";
import type { CommandResult, Host } from "./host.ts";
import { quoteCommand } from "./quote.ts";
import { unreachable } from "./ssh-errors.ts";
import { openSshMaster, type SshMaster, type SshOptions } from "./ssh-master.ts";
import { parseTarget } from "./target.ts";

export type { SshOptions } from "./ssh-master.ts";

/** OpenSSH's exit status for its own failures. */
const sshFailed = 255;

/** A machine reached by the system's own OpenSSH client, with its configuration, agent and known hosts. */
class SshHost extends CommandHost {
  readonly #master: SshMaster;
  readonly #sockets = new Map<string, Promise<string>>();

  constructor(name: string, master: SshMaster) {
    super(name);
    this.#master = master;
  }

  protected override launch(command: readonly string[], environment: Readonly<Record<string, string>>, mark: string): Launch {
    const variables = Object.entries({ ...environment, [markVariable]: mark }).map(([key, value]) => `${key}=${value}`);
    return { argv: this.#client(["-T"], [`exec ${quoteCommand(["env", ...variables, ...command])}`]), environment: {} };
  }

  protected override async endThere(mark: string): Promise<void> {
    const script = quoteCommand(["sh", "-c", endMarked, "sh", `${markVariable}=${mark}`]);
    const [file = "", ...parameters] = this.#client(["-T"], [script]);
    await execa(file, parameters, { reject: false, stdin: "ignore", detached: true, cleanup: false, timeout: 10_000 });
  }

  protected override async failureOf(
    command: readonly string[],
    { exitCode, stderr }: CommandResult,
  ): Promise<MigrationError | undefined> {
    if (exitCode === 127 && /(^|\n)env: .*\n?$/.test(stderr)) return commandNotFound(this.name, command);
    if (exitCode !== sshFailed) return;
    const refused = /^(mux_client|ControlSocket|Control socket|Connection closed by UNKNOWN)/m.test(stderr);
    // A command may end with 255 itself; ssh also says 255 for one that a signal ended.
    if (!refused && (await this.#alive())) return;
    return unreachable(this.name, `${this.#master.words()}\n${stderr}`);
  }

  override unixSocket(path: string): Promise<string> {
    let socket = this.#sockets.get(path);
    if (socket === undefined) {
      socket = this.#forward(path, join(this.#master.directory, `socket-${this.#sockets.size}`));
      this.#sockets.set(path, socket);
    }
    return socket;
  }

  override async reconnect(signal?: AbortSignal): Promise<void> {
    await this.#master.reopen(signal);
    for (const [path, socket] of this.#sockets) {
      const place = await socket.catch(() => undefined);
      if (place === undefined) continue;
      await rm(place, { force: true });
      await this.#forward(path, place);
    }
  }

  override close(): Promise<void> {
    return this.#master.close();
  }

  async #forward(path: string, socket: string): Promise<string> {
    const [file = "", ...parameters] = this.#client(["-O", "forward", "-L", `${socket}:${path}`], []);
    const { exitCode, stderr } = await execa(file, parameters, {
      reject: false,
      stdin: "ignore",
      detached: true,
      cleanup: false,
    });
    if (exitCode !== 0) throw unreachable(this.name, `${this.#master.words()}\n${stderr}`);
    return socket;
  }

  async #alive(): Promise<boolean> {
    const [file = "", ...parameters] = this.#client(["-O", "check"], []);
    const { exitCode } = await execa(file, parameters, { reject: false, stdin: "ignore", detached: true, cleanup: false });
    return exitCode === 0;
  }

  /**
   * A client of the connection. Without it ssh would open a connection of its own to the "host";
   * an empty configuration and a failing proxy forbid that.
   */
  #client(options: readonly string[], command: readonly string[]): string[] {
    return [
      "ssh",
      "-F",
      "none",
      "-o",
      "BatchMode=yes",
      "-o",
      "ProxyCommand=false",
      "-S",
      this.#master.control,
      ...options,
      "control",
      ...command,
    ];
  }
}

/**
 * Connects to `ssh://[user@]host[:port]`. The host may be a name from the SSH configuration.
 * @throws MigrationError `target-unreachable` with `details.reason` (refused, timed-out, host-key-unknown, host-key-changed,
 *   permission-denied, name-not-resolved, other), `usage`, `cancelled`
 */
export async function openSshHost(target: string, options: SshOptions = {}): Promise<Host> {
  const parsed = parseTarget(target);
  if (parsed.kind !== "ssh")
    throw new MigrationError("usage", `\`${target}\` is not an SSH address`, { remedy: "Write `ssh://[user@]host[:port]`." });
  return new SshHost(target, await openSshMaster(target, parsed, options));
}
