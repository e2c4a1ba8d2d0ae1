/**
 * Terminals.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";
import { ttyType } from "./enums.ts";
import { fownEntry } from "./owner.ts";

export const ttyFileEntry = message("tty_file_entry", {
  id: required(1, "uint32"), // file id
  tty_info_id: required(2, "uint32"), // key into tty-info.img
  flags: required(3, "uint32"),
  fown: required(4, fownEntry),
  regf_id: optional(6, "uint32"), // reg-file entry with the device path
});
export type TtyFileEntry = MessageOf<typeof ttyFileEntry>;

export const termiosEntry = message("termios_entry", {
  c_iflag: required(1, "uint32"),
  c_oflag: required(2, "uint32"),
  c_cflag: required(3, "uint32"),
  c_lflag: required(4, "uint32"),
  c_line: required(5, "uint32"),
  c_ispeed: required(6, "uint32"),
  c_ospeed: required(7, "uint32"),
  c_cc: repeated(8, "uint32"), // 19 control characters
});
export type TermiosEntry = MessageOf<typeof termiosEntry>;

export const winsizeEntry = message("winsize_entry", {
  ws_row: required(1, "uint32"),
  ws_col: required(2, "uint32"),
  ws_xpixel: required(3, "uint32"),
  ws_ypixel: required(4, "uint32"),
});
export type WinsizeEntry = MessageOf<typeof winsizeEntry>;

export const ttyPtyEntry = message("tty_pty_entry", {
  index: required(1, "uint32"), // pts number
});
export type TtyPtyEntry = MessageOf<typeof ttyPtyEntry>;

export const ttyInfoEntry = message("tty_info_entry", {
  id: required(1, "uint32"),
  type: required(2, ttyType), // TtyType: PTY 1, CONSOLE 2, VT 3, CTTY 4, EXT_TTY 5, SERIAL 6
  locked: required(3, "bool"),
  exclusive: required(4, "bool"),
  packet_mode: required(5, "bool"),
  sid: required(6, "uint32"), // session that owns it
  pgrp: required(7, "uint32"), // foreground group
  rdev: required(8, "uint32"), // device number
  termios: optional(9, termiosEntry),
  termios_locked: optional(10, termiosEntry),
  winsize: optional(11, winsizeEntry),
  pty: optional(12, ttyPtyEntry), // index
  dev: optional(13, "uint32"),
  uid: optional(14, "uint32"),
  gid: optional(15, "uint32"),
});
export type TtyInfoEntry = MessageOf<typeof ttyInfoEntry>;

export const ttyDataEntry = message("tty_data_entry", {
  tty_id: required(1, "uint32"),
  data: required(2, "bytes"), // unread input
});
export type TtyDataEntry = MessageOf<typeof ttyDataEntry>;
