import type { TermiosEntry, TtyFileEntry, TtyInfoEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { Label } from "../machine-code/assembler.ts";
import { AT_FDCWD } from "../machine-code/program.ts";

const O_RDWR = 2;
const O_NOCTTY = 0o400;
const O_ASYNC = 0o20000;
const F_SETFL = 4;
const ioctl = {
  TCSETS: 0x5402,
  TIOCEXCL: 0x540c,
  TIOCSWINSZ: 0x5414,
  TIOCPKT: 0x5420,
  FIONREAD: 0x541b,
  TIOCGPTN: 0x8004_5430,
  TIOCSPTLCK: 0x4004_5431,
} as const;
/** `c_lflag`: whole lines. */
const ICANON = 2;
const VMIN = 6;
const patience = 100_000;
const controlCharacters = 19;

/** A side of a pseudo terminal, and what waits to be read there. */
interface Side {
  readonly info: TtyInfoEntry;
  readonly data: Uint8Array | undefined;
}

export interface PseudoTerminal {
  readonly index: number;
  readonly masters: readonly TtyFileEntry[];
  readonly slaves: readonly TtyFileEntry[];
  readonly master: Side | undefined;
  /** Undefined when nobody has it open. */
  readonly slave: Side | undefined;
}

/** What stands for a slave that nobody has open, where files are named by their ids. */
export function unopenedSlave(index: number): number {
  return -1 - index;
}

/** Makes a pseudo terminal with its number. @returns temporary descriptors by file id */
export function emitPseudoTerminal(emission: Emission, pair: PseudoTerminal): Map<number, number> {
  const { program, temporaries } = emission;
  const { index, masters, slaves, master, slave } = pair;
  const opened = new Map<number, number>();
  const made = emitMaster(emission, index);
  const open = (flags: number): number => {
    program.call("openat", [AT_FDCWD, program.text(`/dev/pts/${index}`), (flags & ~O_ASYNC) | O_NOCTTY, 0], {
      describe: `open /dev/pts/${index}`,
    });
    return temporaries.adopt(`/dev/pts/${index}`);
  };
  emitLock(emission, made, 0);
  for (const { id, flags } of slaves) opened.set(id, open(flags));
  // What waits is put there from the other side, which nobody need have open.
  const other = opened.get(slaves[0]?.id ?? -1) ?? open(O_RDWR);
  if (slave !== undefined) {
    const { uid, gid } = slave.info;
    if (uid !== undefined && gid !== undefined)
      program.call("fchown", [other, uid, gid], { describe: `owner of /dev/pts/${index}` });
  }
  emitQueues(emission, made, other, pair);
  const settings = slave?.info ?? master?.info;
  if (settings !== undefined) emitSettings(emission, made, settings);
  if (slave?.info.exclusive === true)
    program.call("ioctl", [other, ioctl.TIOCEXCL, 0], { describe: "exclusive use of a terminal" });
  // A session may have the terminal though none of its processes has it open.
  if (slaves.length === 0 && master !== undefined && master.info.sid !== 0) opened.set(unopenedSlave(index), other);
  else if (slaves.length === 0) temporaries.release(other);
  if (master === undefined) temporaries.release(made);
  else emitMasterState(emission, made, master.info);
  // Another open() of /dev/ptmx would make another terminal: all descriptions of the master are one.
  for (const { id, flags } of masters) {
    program.call("fcntl", [made, F_SETFL, flags & ~(3 | O_ASYNC)], { describe: "flags of a terminal" });
    opened.set(id, made);
  }
  return opened;
}

/** Opens new terminals until one has the number: the kernel gives the lowest that is free. */
function emitMaster({ program, temporaries }: Emission, index: number): number {
  const describe = `pseudo terminal ${index}`;
  const found = new Label(describe);
  const number = program.scratch();
  const descriptor = temporaries.allocate();
  const others = Array.from({ length: index + 1 }, () => temporaries.allocate());
  for (const other of others) {
    program.call("openat", [AT_FDCWD, program.text("/dev/pts/ptmx"), O_RDWR | O_NOCTTY, 0], { describe });
    program.code.moveRegister("kept", "result");
    program.call("dup3", ["kept", descriptor, 0], { describe });
    program.call("dup3", ["kept", other, 0], { describe });
    program.call("close", ["kept"], { expect: "ignore" });
    program.call("ioctl", [descriptor, ioctl.TIOCGPTN, number], { describe });
    program.code.load32("result", number);
    program.code.compare("result", index);
    program.code.jumpIf("equal", found);
  }
  program.fail(`${describe}, whose number is taken`);
  program.code.define(found);
  for (const other of others) temporaries.release(other);
  return descriptor;
}

function emitLock({ program }: Emission, master: number, locked: 0 | 1): void {
  program.call("ioctl", [master, ioctl.TIOCSPTLCK, program.words([locked])], { describe: "lock of a terminal" });
}

function emitMasterState(emission: Emission, descriptor: number, { packet_mode, exclusive, locked }: TtyInfoEntry): void {
  const { program } = emission;
  if (packet_mode)
    program.call("ioctl", [descriptor, ioctl.TIOCPKT, program.words([1])], { describe: "packet mode of a terminal" });
  if (exclusive) program.call("ioctl", [descriptor, ioctl.TIOCEXCL, 0], { describe: "exclusive use of a terminal" });
  if (locked) emitLock(emission, descriptor, 1);
}

/** Settings and window size, which both sides share. */
export function emitSettings({ program }: Emission, descriptor: number, { termios, winsize }: TtyInfoEntry): void {
  if (termios !== undefined)
    program.call("ioctl", [descriptor, ioctl.TCSETS, program.bytes(encodeTermios(termios, characters(termios)))], {
      describe: "settings of a terminal",
    });
  if (winsize === undefined) return;
  const { ws_row, ws_col, ws_xpixel, ws_ypixel } = winsize;
  const size = new Uint8Array(Uint16Array.of(ws_row, ws_col, ws_xpixel, ws_ypixel).buffer);
  program.call("ioctl", [descriptor, ioctl.TIOCSWINSZ, program.bytes(size)], { describe: "size of a terminal" });
}

/**
 * What waits has been through the terminal already: nothing may be translated, echoed or taken for a signal again. Whether
 * lines are kept apart must stay as it is (drivers/tty/n_tty.c, n_tty_set_termios).
 */
function emitQueues({ program }: Emission, master: number, slave: number, pair: PseudoTerminal): void {
  const termios = pair.slave?.info.termios ?? pair.master?.info.termios;
  if (termios === undefined || (pair.slave?.data === undefined && pair.master?.data === undefined)) return;
  const nothing = new Uint8Array(controlCharacters);
  nothing[VMIN] = 1;
  const plain = { ...termios, c_iflag: 0, c_oflag: 0, c_lflag: termios.c_lflag & ICANON };
  program.call("ioctl", [master, ioctl.TCSETS, program.bytes(encodeTermios(plain, nothing))], {
    describe: "settings of a terminal",
  });
  for (const [from, data] of [
    [master, pair.slave?.data],
    [slave, pair.master?.data],
  ] as const) {
    if (data === undefined) continue;
    program.call("write", [from, program.bytes(data), data.length], { expect: data.length, describe: "bytes in a terminal" });
    if (from === master) emitAwaitInput(program, slave, data.length);
  }
}

/**
 * What is written to a master goes through the line discipline later, by a thread of the kernel (drivers/tty/tty_buffer.c,
 * flush_to_ldisc): it must be through before the settings change. Patience ends, since the count leaves some characters out.
 */
function emitAwaitInput(program: Emission["program"], slave: number, length: number): void {
  const { code } = program;
  const [again, there] = [new Label("input not there"), new Label("input there")];
  const count = program.scratch();
  code.move("counter", BigInt(patience));
  code.define(again);
  program.call("sched_yield", [], { expect: "ignore" });
  program.call("ioctl", [slave, ioctl.FIONREAD, count], { expect: "ignore" });
  code.load32("result", count);
  code.compare("result", length);
  code.jumpIf("aboveOrEqual", there);
  code.addImmediate("counter", -1);
  code.jumpIf("notEqual", again);
  code.define(there);
}

/** CRIU copies the characters into an array of words (criu/tty.c, termios_copy): four in each, and behind them what was in memory. */
function characters({ c_cc }: TermiosEntry): Uint8Array {
  return new Uint8Array(Uint32Array.from(c_cc.slice(0, 5)).buffer).subarray(0, controlCharacters);
}

/** struct termios of the kernel (include/uapi/asm-generic/termbits.h). */
function encodeTermios({ c_iflag, c_oflag, c_cflag, c_lflag, c_line }: TermiosEntry, special: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(36);
  bytes.set(new Uint8Array(Uint32Array.of(c_iflag, c_oflag, c_cflag, c_lflag).buffer));
  bytes[16] = c_line;
  bytes.set(special, 17);
  return bytes;
}
