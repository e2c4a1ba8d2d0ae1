import { once } from "node:events";
import { connect } from "node:net";

/** Whether something takes connections there. */
export async function isServed({ address, port }: { readonly address: string; readonly port: number }): Promise<boolean> {
  const socket = connect(port, address);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
