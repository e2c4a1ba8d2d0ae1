import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import type { EventpollFileEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { type Holder, holdersOf } from "./holders.ts";
import { defineFileKind, oneByOne } from "./kind.ts";

const EPOLL_CTL_ADD = 1;

export const epollKind = defineFileKind("epfd", {
  refuse: (epoll, { images }) => {
    if (watcherOf(images, epoll) !== undefined) return [];
    const open = new Set(holdersOf(images, epoll.id).flatMap(({ descriptors }) => descriptors.map(({ fd }) => fd)));
    const missing = epoll.tfd.filter(({ tfd }) => !open.has(tfd));
    return missing.length === 0
      ? ["an epoll that watches descriptors of several processes"]
      : missing.map(({ tfd }) => `an epoll that watches descriptor ${tfd}, which is closed`);
  },
  open: oneByOne(emitEpoll),
  finish: emitWatches,
});

/** Of the processes that share an epoll, one that has all that it watches. */
function watcherOf(images: CheckpointImages, { id, tfd: watched }: EventpollFileEntry): Holder | undefined {
  return holdersOf(images, id).find(({ descriptors }) => watched.every(({ tfd }) => descriptors.some(({ fd }) => fd === tfd)));
}

function emitEpoll({ program, temporaries }: Emission): number {
  program.call("epoll_create1", [0], { describe: "epoll" });
  return temporaries.adopt("epoll");
}

/** A watch is bound to a descriptor's number. */
function emitWatches({ program, process, images, architecture }: Emission, descriptor: number, epoll: EventpollFileEntry): void {
  const isFirst = process.descriptors.find(({ id }) => id === epoll.id)?.fd === descriptor;
  if (!isFirst || watcherOf(images, epoll)?.pid !== process.pid) return;
  for (const { tfd, events, data } of epoll.tfd) {
    const event = new Uint8Array(architecture.epollEvent.size);
    const view = new DataView(event.buffer);
    view.setUint32(0, events, true);
    view.setBigUint64(architecture.epollEvent.data, data, true);
    program.call("epoll_ctl", [descriptor, EPOLL_CTL_ADD, tfd, program.bytes(event)], {
      describe: `epoll ${descriptor} watches ${tfd}`,
    });
  }
}
