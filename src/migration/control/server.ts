import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { CheckpointEvent } from "../../checkpoint/take/events.ts";
import { MigrationError } from "../../errors.ts";
import type { MigrationEvent } from "../events.ts";
import { removeControl, withControlPath } from "./control-socket.ts";
import type { LiveStatus } from "./live-status.ts";

/** A running move, as other terminals see it: it tells its status, and can be cancelled. */
export class ControlServer implements AsyncDisposable {
  readonly #id: string;
  readonly #begin = performance.now();
  readonly #clients = new Set<Socket>();
  readonly #cancel = new AbortController();
  #status: Omit<LiveStatus, "elapsedMs">;
  #stop: () => Promise<void> = async () => {};

  private constructor(id: string) {
    this.#id = id;
    this.#status = {
      ...{ id, processId: process.pid, cancelled: false, rollingBack: false },
      ...{ step: undefined, title: undefined, bytes: undefined, totalBytes: undefined },
    };
  }

  static async start(id: string): Promise<ControlServer> {
    const control = new ControlServer(id);
    const server = createServer((socket) => control.#serve(socket));
    await withControlPath(id, async (path) => {
      server.listen(path);
      await once(server, "listening");
    });
    server.unref();
    control.#stop = async () => {
      for (const client of control.#clients) client.destroy();
      server.close();
      await once(server, "close");
    };
    return control;
  }

  /** Aborted when another terminal cancels the move. */
  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** Takes in what the move does. */
  readonly follow = (event: MigrationEvent | CheckpointEvent): void => {
    if (event.type === "step-started") {
      const { step, title } = event;
      this.#status = { ...this.#status, step, title, bytes: undefined, totalBytes: undefined };
    } else if (event.type === "bytes") {
      this.#status = { ...this.#status, bytes: event.bytes, totalBytes: event.totalBytes };
    } else if (event.type === "rollback-started") {
      this.#status = { ...this.#status, rollingBack: true };
    }
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await removeControl(this.#id);
  }

  /** One request is a line. The connection's end tells that the move has ended. */
  #serve(socket: Socket): void {
    this.#clients.add(socket);
    socket.unref();
    socket.on("error", () => {}).on("close", () => this.#clients.delete(socket));
    const lines = createInterface({ input: socket }).on("error", () => {});
    lines.on("line", (request) => {
      if (request === "cancel") {
        this.#status = { ...this.#status, cancelled: true };
        this.#cancel.abort(
          new MigrationError("cancelled", "it was cancelled from another terminal", {
            remedy: "Nothing needs to be done.",
          }),
        );
      }
      const status: LiveStatus = { ...this.#status, elapsedMs: performance.now() - this.#begin };
      socket.write(`${JSON.stringify(status)}\n`);
    });
  }
}
