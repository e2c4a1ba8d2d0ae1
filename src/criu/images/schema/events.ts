/**
 * eventfd, epoll, timerfd and signalfd.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";
import { fownEntry } from "./owner.ts";

export const eventfdFileEntry = message("eventfd_file_entry", {
  id: required(1, "uint32"),
  flags: required(2, "uint32"), // EFD_SEMAPHORE etc.
  fown: required(3, fownEntry),
  counter: required(4, "uint64"), // value
});
export type EventfdFileEntry = MessageOf<typeof eventfdFileEntry>;

export const eventpollTfdEntry = message("eventpoll_tfd_entry", {
  id: required(1, "uint32"), // epoll file id
  tfd: required(2, "uint32"), // watched fd number in the owner task
  events: required(3, "uint32"), // EPOLL* mask
  data: required(4, "uint64"), // epoll_data
  dev: optional(5, "uint32"), // to find a dup of the target
  inode: optional(6, "uint64"),
  pos: optional(7, "uint64"),
});
export type EventpollTfdEntry = MessageOf<typeof eventpollTfdEntry>;

export const eventpollFileEntry = message("eventpoll_file_entry", {
  id: required(1, "uint32"), // file id
  flags: required(2, "uint32"),
  fown: required(3, fownEntry),
  tfd: repeated(4, eventpollTfdEntry), // watched descriptors
});
export type EventpollFileEntry = MessageOf<typeof eventpollFileEntry>;

export const timerfdEntry = message("timerfd_entry", {
  id: required(1, "uint32"),
  flags: required(2, "uint32"),
  fown: required(3, fownEntry),
  clockid: required(4, "uint32"), // CLOCK_*
  ticks: required(5, "uint64"), // expirations not read yet
  settime_flags: required(6, "uint32"), // TFD_TIMER_ABSTIME...
  vsec: required(7, "uint64"), // time to next expiry s
  vnsec: required(8, "uint64"), // ns
  isec: required(9, "uint64"), // interval s
  insec: required(10, "uint64"), // ns
});
export type TimerfdEntry = MessageOf<typeof timerfdEntry>;

export const signalfdEntry = message("signalfd_entry", {
  id: required(1, "uint32"),
  flags: required(2, "uint32"),
  fown: required(3, fownEntry),
  sigmask: required(4, "uint64"), // accepted signals
});
export type SignalfdEntry = MessageOf<typeof signalfdEntry>;
