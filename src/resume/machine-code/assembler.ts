/**
 * An encoder for the few x86-64 instructions that a resume program consists of.
 * Instruction forms: Intel SDM volume 2. Everything that refers to memory of the
 * program itself is RIP-relative, so code and data may lie anywhere within 2 GiB.
 */

export type Register =
  | "rax"
  | "rcx"
  | "rdx"
  | "rbx"
  | "rsp"
  | "rbp"
  | "rsi"
  | "rdi"
  | "r8"
  | "r9"
  | "r10"
  | "r11"
  | "r12"
  | "r13"
  | "r14"
  | "r15";

const registerNumbers: readonly Register[] = [
  "rax",
  "rcx",
  "rdx",
  "rbx",
  "rsp",
  "rbp",
  "rsi",
  "rdi",
  "r8",
  "r9",
  "r10",
  "r11",
  "r12",
  "r13",
  "r14",
  "r15",
];

/** Condition codes as the low nibble of Jcc. */
export const conditions = { below: 0x2, aboveOrEqual: 0x3, equal: 0x4, notEqual: 0x5, signed: 0x8 } as const;
export type Condition = keyof typeof conditions;

/** The parts of a program in memory, in their order; `end` is the first address after them. */
export type Section = "code" | "data" | "scratch" | "shared" | "end";

/** A place in code or data whose address is known when the program is linked. */
export class Label {
  readonly name: string;
  section: Section | undefined;
  offset = 0;

  constructor(name: string) {
    this.name = name;
  }
}

/** A memory operand: `label + addend`, addressed relative to RIP. */
export interface Place {
  readonly label: Label;
  readonly addend: number;
}

export function at(label: Label, addend = 0): Place {
  return { label, addend };
}

interface Fixup {
  readonly offset: number;
  readonly place: Place;
  /** Bytes of the instruction that follow the 32-bit displacement. */
  readonly tail: number;
}

export class Assembler {
  #bytes = new Uint8Array(64 * 1024);
  #length = 0;
  readonly #fixups: Fixup[] = [];

  get length(): number {
    return this.#length;
  }

  /** Defines `label` here. */
  define(label: Label): void {
    label.section = "code";
    label.offset = this.#length;
  }

  move(register: Register, value: bigint): void {
    const number = registerNumbers.indexOf(register);
    const unsigned = BigInt.asUintN(64, value);
    if (unsigned <= 0xffff_ffffn) {
      if (number >= 8) this.raw(0x41);
      this.raw(0xb8 | (number & 7));
      this.#raw32(Number(unsigned));
    } else {
      this.raw(0x48 | (number >> 3), 0xb8 | (number & 7));
      this.#raw64(unsigned);
    }
  }

  moveRegister(destination: Register, source: Register): void {
    this.#registerForm(0x89, source, destination);
  }

  loadAddress(register: Register, place: Place): void {
    this.#ripForm([0x8d], register, place);
  }

  load(register: Register, place: Place): void {
    this.#ripForm([0x8b], register, place);
  }

  /** Loads 32 bits, zero-extended. */
  load32(register: Register, place: Place): void {
    const number = registerNumbers.indexOf(register);
    if (number >= 8) this.raw(0x44);
    this.raw(0x8b, ((number & 7) << 3) | 5);
    this.#displacement(place, 0);
  }

  store(place: Place, register: Register): void {
    this.#ripForm([0x89], register, place);
  }

  store32(place: Place, value: number): void {
    this.raw(0xc7, 0x05);
    this.#displacement(place, 4);
    this.#raw32(value);
  }

  /** Adds 1 to a 32-bit word, atomically. */
  atomicIncrement32(place: Place): void {
    this.raw(0xf0, 0xff, 0x05);
    this.#displacement(place, 0);
  }

  /** Stores a 64-, 32- or 16-bit register part at the address in `base` (any register but rsp, rbp, r12, r13). */
  storeThrough(base: Register, source: Register, size: 64 | 32 | 16): void {
    const from = registerNumbers.indexOf(source);
    const to = registerNumbers.indexOf(base);
    if (size === 16) this.raw(0x66);
    const rex = (size === 64 ? 0x48 : 0x40) | (from >= 8 ? 4 : 0) | (to >= 8 ? 1 : 0);
    this.raw(rex, 0x89, ((from & 7) << 3) | (to & 7));
  }

  /** Loads the 64 bits at the address in `base` (any register but rsp, rbp, r12, r13). */
  loadThrough(destination: Register, base: Register): void {
    const to = registerNumbers.indexOf(destination);
    const from = registerNumbers.indexOf(base);
    this.raw(0x48 | (to >= 8 ? 4 : 0) | (from >= 8 ? 1 : 0), 0x8b, ((to & 7) << 3) | (from & 7));
  }

  /** Compares `register` with a sign-extended 32-bit value. */
  compare(register: Register, value: number): void {
    const number = registerNumbers.indexOf(register);
    this.raw(0x48 | (number >> 3), 0x81, 0xf8 | (number & 7));
    this.#raw32(value);
  }

  compareRegister(left: Register, right: Register): void {
    this.#registerForm(0x39, right, left);
  }

  add(destination: Register, source: Register): void {
    this.#registerForm(0x01, source, destination);
  }

  addImmediate(register: Register, value: number): void {
    const number = registerNumbers.indexOf(register);
    this.raw(0x48 | (number >> 3), 0x81, 0xc0 | (number & 7));
    this.#raw32(value);
  }

  shiftRight(register: Register, bits: number): void {
    const number = registerNumbers.indexOf(register);
    this.raw(0x48 | (number >> 3), 0xc1, 0xe8 | (number & 7), bits);
  }

  negate(register: Register): void {
    const number = registerNumbers.indexOf(register);
    this.raw(0x48 | (number >> 3), 0xf7, 0xd8 | (number & 7));
  }

  jump(label: Label): void {
    this.raw(0xe9);
    this.#displacement(at(label), 0);
  }

  jumpIf(condition: Condition, label: Label): void {
    this.raw(0x0f, 0x80 | conditions[condition]);
    this.#displacement(at(label), 0);
  }

  callRegister(register: Register): void {
    const number = registerNumbers.indexOf(register);
    if (number >= 8) this.raw(0x41);
    this.raw(0xff, 0xd0 | (number & 7));
  }

  syscall(): void {
    this.raw(0x0f, 0x05);
  }

  /** Pushes 64 bits from memory. */
  pushFrom(place: Place): void {
    this.raw(0xff, 0x35);
    this.#displacement(place, 0);
  }

  popFlags(): void {
    this.raw(0x9d);
  }

  /** XRSTOR64 [rdi] with the component mask in edx:eax. */
  restoreExtendedState(): void {
    this.raw(0x48, 0x0f, 0xae, 0x2f);
  }

  copyBytes(): void {
    this.raw(0xfc, 0xf3, 0xa4); // cld; rep movsb
  }

  cpuid(): void {
    this.raw(0x0f, 0xa2);
  }

  /** Jumps to an absolute address without touching any register. */
  jumpAbsolute(address: bigint): void {
    this.raw(0xff, 0x25, 0, 0, 0, 0);
    this.#raw64(BigInt.asUintN(64, address));
  }

  raw(...bytes: readonly number[]): void {
    if (this.#length + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /**
   * The finished code. `addressOf` gives a label's address; `base` is the address of
   * the first byte.
   */
  link(base: bigint, addressOf: (label: Label) => bigint): Uint8Array {
    const code = this.#bytes.slice(0, this.#length);
    const view = new DataView(code.buffer);
    for (const { offset, place, tail } of this.#fixups) {
      const next = base + BigInt(offset + 4 + tail);
      const displacement = addressOf(place.label) + BigInt(place.addend) - next;
      if (displacement !== BigInt.asIntN(32, displacement)) throw new RangeError(`label ${place.label.name} is out of reach`);
      view.setInt32(offset, Number(displacement), true);
    }
    return code;
  }

  #registerForm(opcode: number, reg: Register, rm: Register): void {
    const from = registerNumbers.indexOf(reg);
    const to = registerNumbers.indexOf(rm);
    this.raw(0x48 | (from >= 8 ? 4 : 0) | (to >= 8 ? 1 : 0), opcode, 0xc0 | ((from & 7) << 3) | (to & 7));
  }

  #ripForm(opcode: readonly number[], register: Register, place: Place): void {
    const number = registerNumbers.indexOf(register);
    this.raw(0x48 | (number >= 8 ? 4 : 0), ...opcode, ((number & 7) << 3) | 5);
    this.#displacement(place, 0);
  }

  #displacement(place: Place, tail: number): void {
    this.#fixups.push({ offset: this.#length, place, tail });
    this.#raw32(0);
  }

  #raw32(value: number): void {
    this.raw(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255);
  }

  #raw64(value: bigint): void {
    this.#raw32(Number(value & 0xffff_ffffn));
    this.#raw32(Number(value >> 32n));
  }
}
