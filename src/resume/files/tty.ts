import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { type TermiosEntry, type TtyFileEntry, type TtyInfoEntry, ttyType } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { AT_FDCWD } from "../machine-code/program.ts";
import { defineFileKind, type FileSurroundings } from "./kind.ts";
import { emitOpenLate } from "./late.ts";
import { emitPseudoTerminal, emitSettings, unopenedSlave } from "./make-tty.ts";

const O_NOCTTY = 0o400;
const O_ASYNC = 0o20000;
const TIOCSCTTY = 0x540e;
const TIOCSPGRP = 0x5410;
/** Device 5:2, /dev/ptmx, as the kernel encodes it (new_encode_dev in include/linux/kdev_t.h). */
const masterDevice = 0x502;

export const ttyKind = defineFileKind("tty", { refuse, open: emitTerminals, finish: emitControllingDevice });

function refuse({ tty_info_id: id, regf_id }: TtyFileEntry, { images }: FileSurroundings): string[] {
  const info = images.ttys.get(id);
  if (info === undefined) return ["a terminal that the images do not hold"];
  const name = images.files.get(regf_id ?? -1)?.reg?.name ?? "a terminal";
  if (info.type === ttyType.values.CTTY) return [];
  if (info.type !== ttyType.values.PTY) return [`the terminal ${name} of the machine`];
  if (isLocked(info.termios_locked)) return [`the terminal ${name}, whose settings are locked (TIOCSLCKTRMIOS)`];
  if (info.packet_mode && images.ttyData.has(id)) return [`the terminal ${name}, with what waits in packet mode`];
  const isOutside = !isMaster(info) && !isHungUp(info) && masterOf(images, info) === undefined;
  return isOutside && !isEngines(images, name) ? [`the terminal ${name}, whose other side is outside the container`] : [];
}

const isMaster = ({ rdev }: TtyInfoEntry): boolean => rdev === masterDevice;
/** CRIU can't ask such a terminal for its settings. */
const isHungUp = ({ termios }: TtyInfoEntry): boolean => termios === undefined;

/**
 * Whether it is the container's own terminal (`docker run -t`), which runtimes mount at /dev/console: the engine has its other
 * side, here as there.
 */
function isEngines(images: CheckpointImages, name: string): boolean {
  const mounts = images.mounts(images.ids(images.pstree[0]?.pid ?? 0)?.mnt_ns_id ?? 0);
  const console = mounts.find(({ mountpoint }) => mountpoint === "/dev/console");
  return console !== undefined && (name === "/dev/console" || name === `/dev/pts${console.root}`);
}

function isLocked(locked: TermiosEntry | undefined): boolean {
  return locked !== undefined && (locked.c_iflag | locked.c_oflag | locked.c_cflag | locked.c_lflag) !== 0;
}

function masterOf(images: CheckpointImages, { pty }: TtyInfoEntry): TtyInfoEntry | undefined {
  return [...images.ttys.values()].find((other) => isMaster(other) && other.pty?.index === pty?.index);
}

/** Pseudo terminals, in the order of their numbers, and the container's own. /dev/tty is opened when its session has it. */
function emitTerminals(emission: Emission, entries: readonly TtyFileEntry[]): Map<number, number> {
  const { images } = emission;
  const infoOf = ({ tty_info_id }: TtyFileEntry): TtyInfoEntry => images.ttys.get(tty_info_id)!;
  const pseudo = entries.filter((entry) => infoOf(entry).type === ttyType.values.PTY);
  const isOwn = (entry: TtyFileEntry) =>
    !isMaster(infoOf(entry)) && !isHungUp(infoOf(entry)) && masterOf(images, infoOf(entry)) === undefined;
  const opened = new Map<number, number>();
  for (const entry of pseudo.filter(isOwn)) opened.set(entry.id, emitOwnTerminal(emission, entry, infoOf(entry)));
  const pairs = Map.groupBy(
    pseudo.filter((entry) => !isOwn(entry)),
    (entry) => infoOf(entry).pty?.index ?? 0,
  );
  for (const [index, files] of [...pairs].toSorted(([a], [b]) => a - b)) {
    const [masters, slaves] = [files.filter((file) => isMaster(infoOf(file))), files.filter((file) => !isMaster(infoOf(file)))];
    const describe = (file: TtyFileEntry | undefined) =>
      file && { info: infoOf(file), data: images.ttyData.get(file.tty_info_id)?.data };
    const pair = { index, masters, slaves, master: describe(masters[0]), slave: describe(slaves[0]) };
    for (const [id, descriptor] of emitPseudoTerminal(emission, pair)) opened.set(id, descriptor);
  }
  return opened;
}

/** The new container's terminal takes the place of the old one's, with its settings. */
function emitOwnTerminal(emission: Emission, entry: TtyFileEntry, info: TtyInfoEntry): number {
  const { program, temporaries, images } = emission;
  const name = images.files.get(entry.regf_id ?? -1)!.reg!.name;
  program.call("openat", [AT_FDCWD, program.text(name), (entry.flags & ~O_ASYNC) | O_NOCTTY, 0], {
    describe: `open the terminal ${name}`,
  });
  const descriptor = temporaries.adopt(name);
  emitSettings(emission, descriptor, info);
  return descriptor;
}

/** The slave of the terminal that a session has. */
function terminalOf({ images, opened }: Emission, session: number): { info: TtyInfoEntry; descriptor: number } | undefined {
  const files = [...images.files.values()].flatMap(({ tty }) => tty ?? []);
  return files.flatMap(({ id, tty_info_id }) => {
    const info = images.ttys.get(tty_info_id);
    if (info === undefined || info.sid !== session) return [];
    const descriptor = opened.get(isMaster(info) ? unopenedSlave(info.pty?.index ?? 0) : id);
    return descriptor === undefined ? [] : [{ info, descriptor }];
  })[0];
}

/** Gives the leader of a session its terminal, before it forks: children have the terminal that their parent has (kernel/fork.c). */
export function emitControllingTerminal(emission: Emission, session: number): void {
  const terminal = terminalOf(emission, session);
  if (terminal === undefined) return;
  emission.program.call("ioctl", [terminal.descriptor, TIOCSCTTY, 0], { describe: `controlling terminal of session ${session}` });
}

/** Sets the foreground group, when all groups exist. */
export function emitForegroundGroup(emission: Emission): void {
  const { program, process } = emission;
  const terminal = terminalOf(emission, process.pid);
  if (terminal === undefined || terminal.info.pgrp === 0) return;
  const group = program.bytes(new Uint8Array(Int32Array.of(terminal.info.pgrp).buffer));
  // Of a group whose processes have all ended the kernel keeps the number; it can't be set.
  program.call("ioctl", [terminal.descriptor, TIOCSPGRP, group], { expect: "ignore" });
}

/** /dev/tty, which is another terminal for each session. */
function emitControllingDevice(emission: Emission, descriptor: number, { id, tty_info_id, flags }: TtyFileEntry): void {
  const { program, images } = emission;
  if (images.ttys.get(tty_info_id)?.type !== ttyType.values.CTTY) return;
  emitOpenLate(emission, { id }, descriptor, "/dev/tty", () => {
    program.call("openat", [AT_FDCWD, program.text("/dev/tty"), flags & ~O_ASYNC, 0], { describe: "open /dev/tty" });
  });
}
