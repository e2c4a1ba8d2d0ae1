import { once } from "node:events";
import { connect, type NetConnectOpts, type Socket } from "node:net";

/** A connection that is made. Its halves close one by one. @throws what the kernel says: ECONNREFUSED, … */
export async function connected(options: NetConnectOpts): Promise<Socket> {
  const socket = connect({ ...options, allowHalfOpen: true });
  await once(socket, "connect");
  return socket;
}
