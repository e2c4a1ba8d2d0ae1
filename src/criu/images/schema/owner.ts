/**
 * Who gets the signals of a file (fcntl F_SETOWN); part of most kinds of file.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, required } from "../../protobuf/schema.ts";

export const fownEntry = message("fown_entry", {
  uid: required(1, "uint32"), // F_SETOWN credentials
  euid: required(2, "uint32"),
  signum: required(3, "uint32"), // F_SETSIG
  pid_type: required(4, "uint32"),
  pid: required(5, "uint32"), // 0 = none
});
export type FownEntry = MessageOf<typeof fownEntry>;
