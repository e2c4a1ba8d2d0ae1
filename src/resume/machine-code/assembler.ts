/** What the rooms of the compiler say to whatever CPU: registers by their roles, and the few instructions that a resume program needs. */

/**
 * Registers by what they are for. `argument0` to `argument5` are those of a system call and `number` says which; `result` holds
 * what it returned (and whatever is being worked on). A system call keeps `kept`, `counter`, `message` and `failed`; it may lose
 * `temporary`. `number` and `result` may be one register.
 */
export type Register =
  | "result"
  | "number"
  | "temporary"
  | "kept"
  | "counter"
  | "message"
  | "failed"
  | "argument0"
  | "argument1"
  | "argument2"
  | "argument3"
  | "argument4"
  | "argument5";

/** Of two numbers compared before; `below` and `aboveOrEqual` take them as unsigned. */
export type Condition = "below" | "aboveOrEqual" | "equal" | "notEqual" | "signed";

/** The parts of a program in memory, in their order; `end` is the first address after them. */
export type Section = "code" | "data" | "scratch" | "shared" | "kernel" | "end";

/** A place in code or data whose address is known when the program is linked. */
export class Label {
  readonly name: string;
  section: Section | undefined;
  offset = 0;

  constructor(name: string) {
    this.name = name;
  }
}

/** A memory operand: `label + addend`, addressed relative to the instruction. */
export interface Place {
  readonly label: Label;
  readonly addend: number;
}

export function at(label: Label, addend = 0): Place {
  return { label, addend };
}

/** Makes machine code for one kind of CPU. Code and data may lie anywhere within 2 GiB. */
export interface Assembler {
  readonly length: number;
  /** Defines `label` here. */
  define(label: Label): void;
  move(register: Register, value: bigint): void;
  moveRegister(destination: Register, source: Register): void;
  loadAddress(register: Register, place: Place): void;
  load(register: Register, place: Place): void;
  /** Loads 32 bits, zero-extended. What other threads wrote before them is seen afterwards. */
  load32(register: Register, place: Place): void;
  store(place: Place, register: Register): void;
  /** Stores 32 bits; what was written before is seen by who sees them. */
  store32(place: Place, value: number): void;
  /** Adds 1 to a 32-bit word, atomically. */
  atomicIncrement32(place: Place): void;
  /** Stores the 64 bits of `source` at the address in `base`. */
  storeThrough(base: Register, source: Register, size: 64): void;
  /** Loads the 64 bits at the address in `base`. */
  loadThrough(destination: Register, base: Register): void;
  /** Loads the 32 bits before the address in `base`. */
  loadBefore32(destination: Register, base: Register): void;
  /** Compares `register` with a sign-extended 32-bit value. */
  compare(register: Register, value: number): void;
  compareRegister(left: Register, right: Register): void;
  add(destination: Register, source: Register): void;
  /** Afterwards the condition `equal` says whether the sum is 0. */
  addImmediate(register: Register, value: number): void;
  shiftRight(register: Register, bits: number): void;
  negate(register: Register): void;
  jump(label: Label): void;
  jumpIf(condition: Condition, label: Label): void;
  /** Makes the system call that `number` says; its result is in `result`. */
  syscall(): void;
  /** Copies `temporary` bytes from the address in `argument1` to the one in `argument0`; all three are lost. */
  copyBytes(): void;
  /** Writes `failed` as 16 hexadecimal digits before the address in `argument1`. */
  writeDigits(): void;
  /** Jumps to an absolute address. */
  jumpAbsolute(address: bigint): void;
  /** The finished code. `addressOf` gives a label's address; `base` is the address of the first byte. */
  link(base: bigint, addressOf: (label: Label) => bigint): Uint8Array;
}
