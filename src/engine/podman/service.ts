import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { MigrationError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";

// Its end is that of this script's input: so it is gone as well when this program was killed, or the link to the machine broke. One that is
// started anew may meet another that does not know yet that its link broke: each has a folder of its own, and the socket is a link to the newest.
const serveScript = `
socket=$1; runtime=$2; folder=\${socket%/*}; own=$$
command -v podman >/dev/null || exit 127
unset CONTAINER_HOST CONTAINER_CONNECTION
umask 077; mkdir -p "$folder/$own"
exec 3<&0
set -- podman
[ -z "$runtime" ] || set -- podman --runtime "$runtime"
"$@" system service --time=0 "unix://$folder/$own/podman.sock" </dev/null 3<&- >&2 &
service=$!
{ cat <&3 >/dev/null; kill "$service" 2>/dev/null; } &
reader=$!
while kill -0 "$service" 2>/dev/null && ! [ -S "$folder/$own/podman.sock" ]; do sleep 0.05; done
if [ -S "$folder/$own/podman.sock" ]; then ln -sf "$own/podman.sock" "$socket"; echo serving; fi
wait "$service"; status=$?
kill "$reader" 2>/dev/null
[ "$(readlink "$socket")" != "$own/podman.sock" ] || rm "$socket"
rm -rf "$folder/$own"; rmdir "$folder" 2>/dev/null
exit "$status"
`;

/** Milliseconds that the service gets to end by itself. */
const endMs = 5_000;

/** Podman's own service, which speaks Docker's API and more, for as long as this is not disposed of. It is nobody else's. */
export class PodmanService implements AsyncDisposable {
  /** On the host. */
  readonly socketPath = `/run/migrate-container-${crypto.randomUUID()}/podman.sock`;
  readonly #host: Host;
  readonly #runtime: string;
  /** Of the newest: its end ends the service. */
  #input: PassThrough | undefined;
  /** What it says: it ends with the service. */
  #serving: Promise<Readable> | undefined;

  /** @param runtime path of the OCI runtime of the containers that it makes. Default: Podman's choice */
  constructor(host: Host, runtime = "") {
    this.#host = host;
    this.#runtime = runtime;
  }

  /**
   * Returns when it serves; it is started anew where it has ended, as by a link that broke.
   * @throws MigrationError `engine-unavailable`, `target-unreachable`
   */
  async ensure(): Promise<void> {
    this.#serving = this.#afterThat(this.#serving);
    await this.#serving;
  }

  /** Calls at one time wait for each other, so that only one starts it. */
  async #afterThat(known: Promise<Readable> | undefined): Promise<Readable> {
    const before = await known?.catch(() => undefined);
    return before === undefined || isOver(before) ? await this.#start() : before;
  }

  async #start(): Promise<Readable> {
    const input = new PassThrough();
    this.#input = input;
    const output = this.#host.stream(["sh", "-c", serveScript, "sh", this.socketPath, this.#runtime], { input });
    try {
      const [said] = await Promise.race([once(output, "data"), once(output, "end")]);
      if (said === undefined) throw new Error("it ended at once");
    } catch (error) {
      throw notServed(this.#host.name, error);
    }
    // That it ends is seen by the next one who needs it.
    return output.on("error", () => {}).resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Also one that has not begun to serve yet.
    this.#input?.end();
    const output = await this.#serving?.catch(() => undefined);
    if (output === undefined) return;
    if (!isOver(output)) await Promise.race([once(output, "close"), setTimeout(endMs, undefined, { ref: false })]);
    output.destroy();
  }
}

function isOver(output: Readable): boolean {
  return output.destroyed || output.readableEnded;
}

function notServed(host: string, cause: unknown): MigrationError {
  if (cause instanceof MigrationError && cause.code === "target-unreachable") return cause;
  const isMissing = cause instanceof MigrationError && cause.details.exitCode === 127;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new MigrationError("engine-unavailable", isMissing ? "Podman is not installed" : `Podman can't be asked: ${why}`, {
    host,
    remedy: isMissing
      ? "Install it, or name a container of Docker's."
      : "Look at what `podman info` says as root: containers of other users (rootless) are not moved.",
    cause,
  });
}
