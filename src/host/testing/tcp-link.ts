import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A way to a TCP server that can be cut and mended. */
export interface TcpLink extends AsyncDisposable {
  /** At 127.0.0.1. The same after each mend. */
  readonly port: number;
  /** Breaks all connections and refuses new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function openTcpLink(server: { readonly address: string; readonly port: number }): Promise<TcpLink> {
  const sockets = new Set<Socket>();
  const pass = (client: Socket): void => {
    const onward = connect(server.port, server.address);
    for (const [from, to] of [
      [client, onward],
      [onward, client],
    ] as const) {
      sockets.add(from);
      from
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(from);
          to.destroy();
        });
      from.pipe(to);
    }
  };
  let listener: Server | undefined = await listen(pass, 0);
  const { port } = listener.address() as AddressInfo;
  const cut = async (): Promise<void> => {
    listener?.close();
    listener = undefined;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    cut,
    mend: async () => {
      listener ??= await listen(pass, port);
    },
    [Symbol.asyncDispose]: cut,
  };
}

async function listen(pass: (client: Socket) => void, port: number): Promise<Server> {
  const server = createServer(pass).listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}
