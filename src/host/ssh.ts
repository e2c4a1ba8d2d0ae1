import { execa } from "execa";
import pLimit from "p-limit";
import { MigrationError } from "../errors.ts";
import type { Launch } from "./child.ts";
import { commandNotFound } from "./command-errors.ts";
import { endMarked, markedCommand, saysNotFound } from "./end-marked.ts";
import type { CommandResult, Host, RunOptions, WithoutRoot } from "./host.ts";
import { quoteCommand } from "./quote.ts";
import { RemoteHost } from "./remote-host.ts";
import { unreachable } from "./ssh-errors.ts";
import { openSshMaster, type SshMaster, type SshOptions, sshClient } from "./ssh-master.ts";
import { bySudo, findSshRights, type SshRights, sudoRefused } from "./ssh-root.ts";
import { parseTarget } from "./target.ts";

export type { SshOptions } from "./ssh-master.ts";

/** OpenSSH's exit status for its own failures. */
const sshFailed = 255;

const endTimeoutMs = 10_000;

/**
 * sshd takes ten sessions of a connection, if nobody has chosen another number, and refuses more (MaxSessions, sshd_config(5)). One is the
 * connection's own; the others are for streams, for sockets that commands carry, and for commands that end others.
 */
const commandsAtOnce = 5;

/** A machine reached by the system's own OpenSSH client, with its configuration, agent and known hosts. */
class SshHost extends RemoteHost {
  readonly #master: SshMaster;
  readonly #rights: SshRights;
  readonly #inTurn = pLimit(commandsAtOnce);

  constructor(name: string, master: SshMaster, rights: SshRights) {
    super(name, master.directory);
    this.#master = master;
    this.#rights = rights;
  }

  override get withoutRoot(): WithoutRoot | undefined {
    return this.#rights.way === "plain" ? this.#rights.withoutRoot : undefined;
  }

  override run(command: readonly string[], options?: RunOptions): Promise<CommandResult> {
    return this.#inTurn(() => super.run(command, options));
  }

  protected override launch(command: readonly string[], environment: Readonly<Record<string, string>>, mark: string): Launch {
    const marked = markedCommand(command, environment, mark);
    // sudo takes the mark away, but has it itself: it may take a while to begin, and be ended before.
    const words = this.#rights.way === "sudo" ? markedCommand(bySudo(marked, beginLine(mark)), {}, mark) : marked;
    return { argv: sshClient(this.#master, ["-T"], [`exec ${quoteCommand(words)}`]), environment: {} };
  }

  protected override async endThere(mark: string): Promise<void> {
    const ending = endMarked(mark);
    const words = this.#rights.way === "sudo" ? bySudo(ending, beginLine(mark)) : ending;
    await this.#ask(["-T"], [quoteCommand(words)], endTimeoutMs);
  }

  protected override async failureOf(
    command: readonly string[],
    result: CommandResult,
    mark: string,
  ): Promise<MigrationError | undefined> {
    const { exitCode, stderr } = result;
    if (exitCode === sshFailed) {
      const refused = /^(mux_client|ControlSocket|Control socket|Connection closed by UNKNOWN)/m.test(stderr);
      // A command may end with 255 itself; ssh also says 255 for one that a signal ended.
      if (refused || !(await this.#alive())) return unreachable(this.name, `${this.#master.words()}\n${stderr}`);
    }
    if (this.#rights.way === "sudo" && !stderr.includes(beginLine(mark))) {
      return sudoRefused(this.name, command, this.#rights.user, result);
    }
    return saysNotFound(this.ownResult(result, mark)) ? commandNotFound(this.name, command) : undefined;
  }

  protected override ownResult(result: CommandResult, mark: string): CommandResult {
    if (this.#rights.way !== "sudo") return result;
    const begin = `${beginLine(mark)}\n`;
    return { ...result, stderr: result.stderr.slice(result.stderr.indexOf(begin) + begin.length) };
  }

  override async reconnect(signal?: AbortSignal): Promise<void> {
    await this.#master.reopen(signal);
    await this.forwardAnew();
  }

  override async close(): Promise<void> {
    await this.endSockets();
    await this.#master.close();
  }

  protected override async mayForward(path: string): Promise<boolean> {
    if (this.#rights.way === "plain") return true;
    const login = new SshHost(this.name, this.#master, { way: "plain" });
    return (await login.run(["sh", "-c", '[ -S "$1" ] && [ -r "$1" ] && [ -w "$1" ]', "sh", path])).exitCode === 0;
  }

  protected override async forward(path: string, here: string): Promise<void> {
    const { exitCode, stderr } = await this.#ask(["-O", "forward", "-L", `${here}:${path}`]);
    if (exitCode !== 0) throw unreachable(this.name, `${this.#master.words()}\n${stderr}`);
  }

  protected override async forwardTcp(address: string, port: number, here: string): Promise<void> {
    await this.forward(`${address.includes(":") ? `[${address}]` : address}:${port}`, here);
  }

  /** It goes with the connection. */
  protected override async endForward(): Promise<void> {}

  async #alive(): Promise<boolean> {
    return (await this.#ask(["-O", "check"])).exitCode === 0;
  }

  #ask(options: readonly string[], command: readonly string[] = [], timeout = 0) {
    const [file = "", ...parameters] = sshClient(this.#master, options, command);
    return execa(file, parameters, { reject: false, stdin: "ignore", detached: true, cleanup: false, timeout });
  }
}

/** Tells sudo's words from the command's. */
function beginLine(mark: string): string {
  return `migrate-container-begin ${mark}`;
}

/**
 * Connects to `ssh://[user@]host[:port]`, and finds out how commands get root's rights there. Without any, they run as the login user. The
 * host may be a name from the SSH configuration.
 * @throws MigrationError `target-unreachable` with `details.reason` (refused, timed-out, host-key-unknown, host-key-changed,
 *   permission-denied, name-not-resolved, other), `usage`, `cancelled`
 */
export async function openSshHost(target: string, options: SshOptions = {}): Promise<Host> {
  const parsed = parseTarget(target);
  if (parsed.kind !== "ssh")
    throw new MigrationError("usage", `\`${target}\` is not an SSH address`, { remedy: "Write `ssh://[user@]host[:port]`." });
  const master = await openSshMaster(target, parsed, options);
  const login = new SshHost(target, master, { way: "plain" });
  try {
    return new SshHost(target, master, await findSshRights(login, options.signal));
  } catch (error) {
    await login.close();
    throw error;
  }
}
