import { type Assembler, at, type Condition, type Label, type Place, type Register } from "../assembler.ts";
import { CodeBuffer } from "../code-buffer.ts";

/**
 * An encoder for the few x86-64 instructions that a resume program consists of.
 * Instruction forms: Intel SDM volume 2. Everything that refers to memory of the
 * program itself is RIP-relative.
 */

/** The registers' numbers, by their own names and by their roles. */
const registerNumbers = {
  ...{ rax: 0, rcx: 1, rdx: 2, rbx: 3, rsp: 4, rbp: 5, rsi: 6, rdi: 7 },
  ...{ r8: 8, r9: 9, r10: 10, r11: 11, r12: 12, r13: 13, r14: 14, r15: 15 },
  ...{ result: 0, number: 0, temporary: 1, kept: 3, counter: 12, message: 14, failed: 15 },
  ...{ argument0: 7, argument1: 6, argument2: 2, argument3: 10, argument4: 8, argument5: 9 },
} as const satisfies Readonly<Record<Register, number>> & Readonly<Record<string, number>>;

export type X86Register = keyof typeof registerNumbers;

/** Condition codes as the low nibble of Jcc. */
const conditions: Readonly<Record<Condition, number>> = {
  ...{ below: 0x2, aboveOrEqual: 0x3, equal: 0x4, notEqual: 0x5, signed: 0x8 },
};

interface Fixup {
  readonly offset: number;
  readonly place: Place;
  /** Bytes of the instruction that follow the 32-bit displacement. */
  readonly tail: number;
}

export class X86Assembler implements Assembler {
  readonly #buffer = new CodeBuffer();
  readonly #fixups: Fixup[] = [];

  /** An assembler that is known to be one for this architecture. @throws Error when it isn't */
  static of(code: Assembler): X86Assembler {
    if (!(code instanceof X86Assembler)) throw new Error("the program is none of x86_64");
    return code;
  }

  get length(): number {
    return this.#buffer.length;
  }

  /** Defines `label` here. */
  define(label: Label): void {
    label.section = "code";
    label.offset = this.#buffer.length;
  }

  move(register: X86Register, value: bigint): void {
    const number = registerNumbers[register];
    const unsigned = BigInt.asUintN(64, value);
    if (unsigned <= 0xffff_ffffn) {
      if (number >= 8) this.raw(0x41);
      this.raw(0xb8 | (number & 7));
      this.#buffer.raw32(Number(unsigned));
    } else {
      this.raw(0x48 | (number >> 3), 0xb8 | (number & 7));
      this.#buffer.raw64(unsigned);
    }
  }

  moveRegister(destination: X86Register, source: X86Register): void {
    this.#registerForm(0x89, source, destination);
  }

  loadAddress(register: X86Register, place: Place): void {
    this.#ripForm([0x8d], register, place);
  }

  load(register: X86Register, place: Place): void {
    this.#ripForm([0x8b], register, place);
  }

  /** Loads 32 bits, zero-extended. */
  load32(register: X86Register, place: Place): void {
    const number = registerNumbers[register];
    if (number >= 8) this.raw(0x44);
    this.raw(0x8b, ((number & 7) << 3) | 5);
    this.#displacement(place, 0);
  }

  store(place: Place, register: X86Register): void {
    this.#ripForm([0x89], register, place);
  }

  store32(place: Place, value: number): void {
    this.raw(0xc7, 0x05);
    this.#displacement(place, 4);
    this.#buffer.raw32(value);
  }

  /** Adds 1 to a 32-bit word, atomically. */
  atomicIncrement32(place: Place): void {
    this.raw(0xf0, 0xff, 0x05);
    this.#displacement(place, 0);
  }

  /** Stores a 64-, 32- or 16-bit register part at the address in `base` (any register but rsp, rbp, r12, r13). */
  storeThrough(base: X86Register, source: X86Register, size: 64 | 32 | 16): void {
    const from = registerNumbers[source];
    const to = registerNumbers[base];
    if (size === 16) this.raw(0x66);
    const rex = (size === 64 ? 0x48 : 0x40) | (from >= 8 ? 4 : 0) | (to >= 8 ? 1 : 0);
    this.raw(rex, 0x89, ((from & 7) << 3) | (to & 7));
  }

  /** Loads the 64 bits at the address in `base` (any register but rsp, rbp, r12, r13). */
  loadThrough(destination: X86Register, base: X86Register): void {
    const to = registerNumbers[destination];
    const from = registerNumbers[base];
    this.raw(0x48 | (to >= 8 ? 4 : 0) | (from >= 8 ? 1 : 0), 0x8b, ((to & 7) << 3) | (from & 7));
  }

  loadBefore32(destination: X86Register, base: X86Register): void {
    const to = registerNumbers[destination];
    const from = registerNumbers[base];
    this.raw(0x40 | (to >= 8 ? 4 : 0) | (from >= 8 ? 1 : 0), 0x8b, 0x40 | ((to & 7) << 3) | (from & 7), 0xfc);
  }

  /** Compares `register` with a sign-extended 32-bit value. */
  compare(register: X86Register, value: number): void {
    const number = registerNumbers[register];
    this.raw(0x48 | (number >> 3), 0x81, 0xf8 | (number & 7));
    this.#buffer.raw32(value);
  }

  compareRegister(left: X86Register, right: X86Register): void {
    this.#registerForm(0x39, right, left);
  }

  add(destination: X86Register, source: X86Register): void {
    this.#registerForm(0x01, source, destination);
  }

  addImmediate(register: X86Register, value: number): void {
    const number = registerNumbers[register];
    this.raw(0x48 | (number >> 3), 0x81, 0xc0 | (number & 7));
    this.#buffer.raw32(value);
  }

  shiftRight(register: X86Register, bits: number): void {
    const number = registerNumbers[register];
    this.raw(0x48 | (number >> 3), 0xc1, 0xe8 | (number & 7), bits);
  }

  negate(register: X86Register): void {
    const number = registerNumbers[register];
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

  callRegister(register: X86Register): void {
    const number = registerNumbers[register];
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

  writeDigits(): void {
    this.move("rcx", 16n);
    // 16 times: the low digit of r15 as ASCII, stored backwards
    this.raw(0x4c, 0x89, 0xf8, 0x83, 0xe0, 0x0f, 0x3c, 0x0a, 0x72, 0x02, 0x04, 0x27, 0x04, 0x30);
    this.raw(0x48, 0xff, 0xce, 0x88, 0x06, 0x49, 0xc1, 0xef, 0x04, 0xff, 0xc9, 0x75, 0xe5);
  }

  cpuid(): void {
    this.raw(0x0f, 0xa2);
  }

  /** Jumps to an absolute address without touching any register. */
  jumpAbsolute(address: bigint): void {
    this.raw(0xff, 0x25, 0, 0, 0, 0);
    this.#buffer.raw64(BigInt.asUintN(64, address));
  }

  raw(...bytes: readonly number[]): void {
    this.#buffer.raw(...bytes);
  }

  /**
   * The finished code. `addressOf` gives a label's address; `base` is the address of
   * the first byte.
   */
  link(base: bigint, addressOf: (label: Label) => bigint): Uint8Array {
    const code = this.#buffer.content();
    const view = new DataView(code.buffer);
    for (const { offset, place, tail } of this.#fixups) {
      const next = base + BigInt(offset + 4 + tail);
      const displacement = addressOf(place.label) + BigInt(place.addend) - next;
      if (displacement !== BigInt.asIntN(32, displacement)) throw new RangeError(`label ${place.label.name} is out of reach`);
      view.setInt32(offset, Number(displacement), true);
    }
    return code;
  }

  #registerForm(opcode: number, reg: X86Register, rm: X86Register): void {
    const from = registerNumbers[reg];
    const to = registerNumbers[rm];
    this.raw(0x48 | (from >= 8 ? 4 : 0) | (to >= 8 ? 1 : 0), opcode, 0xc0 | ((from & 7) << 3) | (to & 7));
  }

  #ripForm(opcode: readonly number[], register: X86Register, place: Place): void {
    const number = registerNumbers[register];
    this.raw(0x48 | (number >= 8 ? 4 : 0), ...opcode, ((number & 7) << 3) | 5);
    this.#displacement(place, 0);
  }

  #displacement(place: Place, tail: number): void {
    this.#fixups.push({ offset: this.#buffer.length, place, tail });
    this.#buffer.raw32(0);
  }
}
