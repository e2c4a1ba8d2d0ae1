import type { EventpollFileEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { defineFileKind, oneByOne } from "./kind.ts";

const EPOLL_CTL_ADD = 1;

export const epollKind = defineFileKind("epfd", {
  refuse: ({ tfd: watched }, { process }) => {
    const open = new Set(process.descriptors.map(({ fd }) => fd));
    return watched.flatMap(({ tfd }) => (open.has(tfd) ? [] : [`an epoll that watches descriptor ${tfd}, which is closed`]));
  },
  open: oneByOne(emitEpoll),
  finish: emitWatches,
});

function emitEpoll({ program, temporaries }: Emission): number {
  program.call("epoll_create1", [0], { describe: "epoll" });
  return temporaries.adopt("epoll");
}

/** A watch is bound to a descriptor's number. */
function emitWatches({ program }: Emission, descriptor: number, { tfd: watched }: EventpollFileEntry): void {
  for (const { tfd, events, data } of watched) {
    const event = new Uint8Array(12); // struct epoll_event is packed on x86-64
    const view = new DataView(event.buffer);
    view.setUint32(0, events, true);
    view.setBigUint64(4, data, true);
    program.call("epoll_ctl", [descriptor, EPOLL_CTL_ADD, tfd, program.bytes(event)], {
      describe: `epoll ${descriptor} watches ${tfd}`,
    });
  }
}
