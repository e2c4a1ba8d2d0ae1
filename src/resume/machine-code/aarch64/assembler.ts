import { type Assembler, at, type Condition, type Label, type Place, type Register } from "../assembler.ts";
import { CodeBuffer } from "../code-buffer.ts";

/**
 * An encoder for the few A64 instructions that a resume program consists of. Instruction forms: Arm Architecture Reference Manual for
 * A-profile, C6. Memory of the program is addressed by page and offset (ADRP, ADD), so code and data may lie anywhere within 4 GiB.
 */

/**
 * The registers' numbers by their roles. x0 to x5 and x8 are those of system calls; a result is moved from x0, so that it is kept while the next
 * call's arguments are loaded. x15 to x17 are the assembler's own.
 */
const registerNumbers: Readonly<Record<Register, number>> = {
  ...{ argument0: 0, argument1: 1, argument2: 2, argument3: 3, argument4: 4, argument5: 5, number: 8 },
  ...{ result: 9, temporary: 10, kept: 19, counter: 20, message: 21, failed: 22 },
};
const [spare, scratch, scratch2] = [15, 16, 17];
const zeroRegister = 31;

/** Condition codes (C1.2.4). */
const conditions: Readonly<Record<Condition, number>> = { equal: 0, notEqual: 1, aboveOrEqual: 2, below: 3, signed: 4 };

/** What is filled in when the program is linked: the pair ADRP and ADD, or the distance of a branch. */
interface Fixup {
  readonly offset: number;
  readonly place: Place;
  readonly kind: "page" | "branch";
}

const pageBits = 12n;
const branchReach = 1n << 25n;
const pageReach = 1n << 20n;

export class Aarch64Assembler implements Assembler {
  readonly #buffer = new CodeBuffer();
  readonly #fixups: Fixup[] = [];

  /** An assembler that is known to be one for this architecture. @throws Error when it isn't */
  static of(code: Assembler): Aarch64Assembler {
    if (!(code instanceof Aarch64Assembler)) throw new Error("the program is none of ARM64");
    return code;
  }

  get length(): number {
    return this.#buffer.length;
  }

  define(label: Label): void {
    label.section = "code";
    label.offset = this.length;
  }

  move(register: Register, value: bigint): void {
    this.#moveTo(registerNumbers[register], value);
  }

  moveRegister(destination: Register, source: Register): void {
    this.#copyRegister(registerNumbers[destination], registerNumbers[source]);
  }

  loadAddress(register: Register, place: Place): void {
    this.#address(registerNumbers[register], place);
  }

  load(register: Register, place: Place): void {
    this.#address(scratch, place);
    this.#word(0xf940_0000, scratch, registerNumbers[register]); // ldr x, [x16]
  }

  load32(register: Register, place: Place): void {
    this.#address(scratch, place);
    this.#word(0x88df_fc00, scratch, registerNumbers[register]); // ldar w, [x16]
  }

  store(place: Place, register: Register): void {
    this.#address(scratch, place);
    this.#word(0xf900_0000, scratch, registerNumbers[register]); // str x, [x16]
  }

  store32(place: Place, value: number): void {
    this.#address(scratch, place);
    this.#moveTo(scratch2, BigInt(value >>> 0));
    this.#word(0x889f_fc00, scratch, scratch2); // stlr w17, [x16]
  }

  atomicIncrement32(place: Place): void {
    this.#address(scratch, place);
    this.#word(0x885f_fc00, scratch, scratch2); // again: ldaxr w17, [x16]
    this.#word(0x1100_0400, scratch2, scratch2); // add w17, w17, #1
    this.word(0x8800_fc00 | (spare << 16) | (scratch << 5) | scratch2); // stlxr w15, w17, [x16]
    this.word(0x35ff_ffa0 | spare); // cbnz w15, again
  }

  storeThrough(base: Register, source: Register): void {
    this.#word(0xf900_0000, registerNumbers[base], registerNumbers[source]); // str x, [base]
  }

  loadThrough(destination: Register, base: Register): void {
    this.#word(0xf940_0000, registerNumbers[base], registerNumbers[destination]); // ldr x, [base]
  }

  loadBefore32(destination: Register, base: Register): void {
    this.#word(0xb85f_c000, registerNumbers[base], registerNumbers[destination]); // ldur w, [base, #-4]
  }

  /** Loads the 16 bits that lie `offset` bytes behind the address in `base`, zero-extended. */
  loadThrough16(destination: Register, base: Register, offset: number): void {
    this.#word(0x7940_0000 | ((offset / 2) << 10), registerNumbers[base], registerNumbers[destination]); // ldrh w, [base, #offset]
  }

  compare(register: Register, value: number): void {
    this.#addOrSubtract({ keep: false, destination: zeroRegister, source: registerNumbers[register], value: -value });
  }

  compareRegister(left: Register, right: Register): void {
    this.word(0xeb00_0000 | (registerNumbers[right] << 16) | (registerNumbers[left] << 5) | zeroRegister); // cmp left, right
  }

  add(destination: Register, source: Register): void {
    const to = registerNumbers[destination];
    this.word(0x8b00_0000 | (registerNumbers[source] << 16) | (to << 5) | to); // add to, to, source
  }

  addImmediate(register: Register, value: number): void {
    const number = registerNumbers[register];
    this.#addOrSubtract({ keep: true, destination: number, source: number, value });
  }

  shiftRight(register: Register, bits: number): void {
    const number = registerNumbers[register];
    this.word(0xd340_fc00 | (bits << 16) | (number << 5) | number); // lsr x, x, #bits
  }

  shiftLeft(register: Register, bits: number): void {
    const number = registerNumbers[register];
    const [rotate, last] = [(64 - bits) & 63, 63 - bits];
    this.word(0xd340_0000 | (rotate << 16) | (last << 10) | (number << 5) | number); // lsl x, x, #bits
  }

  negate(register: Register): void {
    const number = registerNumbers[register];
    this.word(0xcb00_0000 | (number << 16) | (zeroRegister << 5) | number); // neg x, x
  }

  jump(label: Label): void {
    this.#fixups.push({ offset: this.length, place: at(label), kind: "branch" });
    this.word(0x1400_0000); // b
  }

  /** A conditional branch reaches 1 MiB only: it skips one that reaches 128. */
  jumpIf(condition: Condition, label: Label): void {
    this.word(0x5400_0040 | (conditions[condition] ^ 1)); // b.<other> over the next
    this.jump(label);
  }

  syscall(): void {
    this.word(0xd400_0001); // svc #0
    this.#copyRegister(registerNumbers.result, 0);
  }

  /** Eight bytes at a time, then what is left. */
  copyBytes(): void {
    const { argument0: to, argument1: from, temporary: count } = registerNumbers;
    this.word(0xf100_201f | (count << 5)); // eights: cmp count, #8
    this.word(0x5400_00a3); // b.lo ones
    this.#word(0xf840_8400, from, scratch); // ldr x16, [from], #8
    this.#word(0xf800_8400, to, scratch); // str x16, [to], #8
    this.#word(0xd100_2000, count, count); // sub count, count, #8
    this.word(0x17ff_fffb); // b eights
    this.word(0xb400_00a0 | count); // ones: cbz count, done
    this.#word(0x3840_1400, from, scratch); // ldrb w16, [from], #1
    this.#word(0x3800_1400, to, scratch); // strb w16, [to], #1
    this.#word(0xd100_0400, count, count); // sub count, count, #1
    this.word(0x17ff_fffc); // b ones
  }

  writeDigits(): void {
    const { failed, argument1: place, temporary: left } = registerNumbers;
    this.#moveTo(left, 16n);
    this.#word(0x9240_0c00, failed, scratch); // again: and x16, failed, #15
    this.word(0xf100_281f | (scratch << 5)); // cmp x16, #10
    this.word(0x5400_0043); // b.lo digit
    this.#word(0x9100_9c00, scratch, scratch); // add x16, x16, #39
    this.#word(0x9100_c000, scratch, scratch); // digit: add x16, x16, #48
    this.#word(0x381f_fc00, place, scratch); // strb w16, [place, #-1]!
    this.#word(0xd344_fc00, failed, failed); // lsr failed, failed, #4
    this.#word(0xd100_0400, left, left); // sub left, left, #1
    this.word(0xb5ff_ff00 | left); // cbnz left, again
  }

  /** Loses x16, as calls through the linker's own code do. */
  jumpAbsolute(address: bigint): void {
    this.#moveTo(scratch, address);
    this.word(0xd503_3fdf); // isb: instructions that were fetched before may be old
    this.word(0xd61f_0000 | (scratch << 5)); // br x16
  }

  /** Sets TPIDR_EL0, where thread-local variables are. */
  setThreadPointer(register: Register): void {
    this.word(0xd51b_d040 | registerNumbers[register]); // msr tpidr_el0, x
  }

  /** Sets the stack pointer. */
  setStack(register: Register): void {
    this.word(0x9100_001f | (registerNumbers[register] << 5)); // mov sp, x
  }

  /** Reads the stack pointer. */
  getStack(register: Register): void {
    this.word(0x9100_03e0 | registerNumbers[register]); // mov x, sp
  }

  /** An instruction as it is. */
  word(instruction: number): void {
    this.#buffer.raw32(instruction);
  }

  link(base: bigint, addressOf: (label: Label) => bigint): Uint8Array {
    const code = this.#buffer.content();
    const view = new DataView(code.buffer);
    for (const { offset, place, kind } of this.#fixups) {
      const target = addressOf(place.label) + BigInt(place.addend);
      const address = base + BigInt(offset);
      const [distance, reach] =
        kind === "page" ? [(target >> pageBits) - (address >> pageBits), pageReach] : [(target - address) / 4n, branchReach];
      if (distance < -reach || distance >= reach) throw new RangeError(`label ${place.label.name} is out of reach`);
      if (kind === "branch") view.setUint32(offset, 0x1400_0000 | Number(BigInt.asUintN(26, distance)), true);
      else {
        const bits = Number(BigInt.asUintN(21, distance));
        const page = view.getUint32(offset, true) | ((bits & 3) << 29) | ((bits >> 2) << 5);
        view.setUint32(offset, page >>> 0, true);
        view.setUint32(offset + 4, view.getUint32(offset + 4, true) | (Number(target & 0xfffn) << 10), true);
      }
    }
    return code;
  }

  /** MOVZ or MOVN, and MOVK for the 16 bits each that it leaves wrong. */
  #moveTo(register: number, value: bigint): void {
    const parts = [0n, 16n, 32n, 48n].map((shift) => Number((BigInt.asUintN(64, value) >> shift) & 0xffffn));
    const inverted = parts.filter((part) => part === 0xffff).length > parts.filter((part) => part === 0).length;
    const filler = inverted ? 0xffff : 0;
    const wrong = parts.flatMap((part, index) => (part === filler ? [] : [{ part, index }]));
    const [first = { part: filler, index: 0 }, ...others] = wrong;
    const start = inverted ? ~first.part & 0xffff : first.part;
    this.word((inverted ? 0x9280_0000 : 0xd280_0000) | (first.index << 21) | (start << 5) | register);
    for (const { part, index } of others) this.word(0xf280_0000 | (index << 21) | (part << 5) | register);
  }

  #copyRegister(to: number, from: number): void {
    this.word(0xaa00_03e0 | (from << 16) | to); // mov to, from
  }

  #address(register: number, place: Place): void {
    this.#fixups.push({ offset: this.length, place, kind: "page" });
    this.word(0x9000_0000 | register); // adrp
    this.#word(0x9100_0000, register, register); // add
  }

  /** ADDS or SUBS (which are CMN and CMP without a destination), which take 12 bits; more go through x16. */
  #addOrSubtract(sum: {
    readonly keep: boolean;
    readonly destination: number;
    readonly source: number;
    readonly value: number;
  }): void {
    const { destination, source, value, keep } = sum;
    // A comparison with 0 is a subtraction, whose carry says that no number is below 0.
    const adds = keep ? value >= 0 : value > 0;
    const size = Math.abs(value);
    if (size < 4096) {
      this.word((adds ? 0xb100_0000 : 0xf100_0000) | (size << 10) | (source << 5) | destination);
      return;
    }
    this.#moveTo(scratch, BigInt(size));
    this.word((adds ? 0xab00_0000 : 0xeb00_0000) | (scratch << 16) | (source << 5) | destination);
  }

  /** An instruction whose first operand stands in bits 5 to 9, and what it works on in bits 0 to 4. */
  #word(instruction: number, first: number, register: number): void {
    this.word(instruction | (first << 5) | register);
  }
}
