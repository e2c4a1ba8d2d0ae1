import type { EventfdFileEntry, SignalfdEntry, TimerfdEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";

const O_NONBLOCK = 0o4000;
const EPOLL_CTL_ADD = 1;

export function emitEventfd({ program, temporaries }: Emission, file: EventfdFileEntry): number {
  // The initial value of eventfd2 has 32 bits, the counter 64: it is written. EFD_SEMAPHORE is not in CRIU's images (criu/eventfd.c).
  program.call("eventfd2", [0, file.flags & O_NONBLOCK], { describe: "eventfd" });
  const descriptor = temporaries.adopt("eventfd");
  if (file.counter > 0n)
    program.call("write", [descriptor, program.words([file.counter]), 8], { expect: 8, describe: "eventfd counter" });
  return descriptor;
}

export function emitSignalfd({ program, temporaries }: Emission, file: SignalfdEntry): number {
  program.call("signalfd4", [-1n, program.words([file.sigmask]), 8, file.flags & O_NONBLOCK], { describe: "signalfd" });
  return temporaries.adopt("signalfd");
}

/** A timer that has expired unread is armed to expire at once: the read returns 1, not the number of expirations. */
export function emitTimerfd({ program, temporaries }: Emission, file: TimerfdEntry): number {
  program.call("timerfd_create", [file.clockid, file.flags & O_NONBLOCK], { describe: "timerfd" });
  const descriptor = temporaries.adopt("timerfd");
  const expired = file.ticks > 0n && file.vsec === 0n && file.vnsec === 0n;
  const setting = program.words([file.isec, file.insec, file.vsec, expired ? 1n : file.vnsec]);
  program.call("timerfd_settime", [descriptor, 0, setting, 0], { describe: "timerfd setting" });
  return descriptor;
}

export function emitEpoll({ program, temporaries }: Emission): number {
  program.call("epoll_create1", [0], { describe: "epoll" });
  return temporaries.adopt("epoll");
}

/**
 * Adds what each epoll watched. Done when all descriptors have their numbers, since a watch is bound to the number.
 */
export function emitEpollWatches({ program, process, images }: Emission): void {
  for (const { fd, id } of process.descriptors) {
    for (const watch of images.files.get(id)?.epfd?.tfd ?? []) {
      const event = new Uint8Array(12); // struct epoll_event is packed on x86-64
      const view = new DataView(event.buffer);
      view.setUint32(0, watch.events, true);
      view.setBigUint64(4, watch.data, true);
      program.call("epoll_ctl", [fd, EPOLL_CTL_ADD, watch.tfd, program.bytes(event)], {
        describe: `epoll ${fd} watches ${watch.tfd}`,
      });
    }
  }
}
