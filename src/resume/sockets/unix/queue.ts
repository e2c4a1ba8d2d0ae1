import type { QueuedPacket } from "../../../criu/images/checkpoint-images.ts";
import type { UnixSkEntry } from "../../../criu/images/schema/index.ts";
import type { Emission } from "../../emission.ts";
import type { OpenedFiles } from "../../files/kind.ts";

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;

/** What waits to be read from `socket` is sent by its peer again, with the boundaries and descriptors that it had. */
export function emitQueue(emission: Emission, socket: UnixSkEntry, peer: number, opened: OpenedFiles): void {
  const { program, images } = emission;
  for (const packet of images.skQueues.get(socket.id) ?? []) {
    const { bytes } = packet;
    const part = program.words([program.bytes(bytes), bytes.length]);
    const control = controlOf(packet, opened);
    // struct msghdr: name and its length, parts and their number, control data and its length, flags.
    const message = program.words([0, 0, part, 1, control.length === 0 ? 0 : program.bytes(control), control.length, 0]);
    program.call("sendmsg", [peer, message, 0], { expect: bytes.length, describe: `bytes in unix socket ${socket.ino}` });
  }
}

/** struct cmsghdr with the descriptors that travel with the bytes, in the numbers that they have now. */
function controlOf({ entry }: QueuedPacket, opened: OpenedFiles): Uint8Array {
  return Buffer.concat(
    entry.scm.map(({ rights }) => {
      const length = 16 + rights.length * 4;
      const bytes = new Uint8Array(Math.ceil(length / 8) * 8);
      const view = new DataView(bytes.buffer);
      view.setBigUint64(0, BigInt(length), true);
      view.setInt32(8, SOL_SOCKET, true);
      view.setInt32(12, SCM_RIGHTS, true);
      for (const [index, id] of rights.entries()) view.setInt32(16 + index * 4, opened.get(id)!, true);
      return bytes;
    }),
  );
}
