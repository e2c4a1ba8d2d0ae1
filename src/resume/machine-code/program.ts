import { encodeText } from "../../criu/protobuf/text.ts";
import { type Assembler, at, Label, type Place, type Register, type Section } from "./assembler.ts";
import type { CloneArgument, InstructionSet, SyscallName } from "./instruction-set.ts";

/**
 * What a system call gets as an argument: a number, an address (`Place`), the 64-bit value that lies at one, or what a
 * register holds (one that no earlier argument of the call has overwritten).
 */
export type Operand = number | bigint | Place | Register | { readonly valueAt: Place };

export interface CallOptions {
  /**
   * `ok` (default): a result of -4095…-1 ends the program with the message; `ignore`: anything will do; a number
   * or `Operand` value: that exact result.
   */
  readonly expect?: "ok" | "ignore" | number | bigint;
  /** Where the result is stored. */
  readonly store?: Place;
  /** What the user reads if it fails, e.g. `open /data/log`. Default: the call's name. */
  readonly describe?: string;
}

/** In calls that end in `at`: paths begin at the working directory (include/uapi/linux/fcntl.h). */
export const AT_FDCWD = -100n;
export const AT_REMOVEDIR = 0x200;

/** Exit status of a resume program that could not rebuild the process. */
export const FAILURE_EXIT_STATUS = 99;

const argumentRegisters: readonly Register[] = ["argument0", "argument1", "argument2", "argument3", "argument4", "argument5"];
const pageSize = 4096;
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const everyone = 0x7fff_ffff;

/**
 * A resume program under construction: code, data (read-only once the process runs
 * on) and scratch memory (writable to the end).
 *
 * The code uses no stack, so it can unmap the one the kernel made, and a clone's
 * child can go on in it.
 */
export class Program {
  readonly instructions: InstructionSet;
  readonly code: Assembler;
  readonly #data: Uint8Array[] = [];
  #dataLength = 0;
  #scratchLength = 0;
  #sharedLength = 0;
  #kernelLength = 0;
  readonly #texts = new Map<string, Place>();
  readonly #patches: { readonly at: Label; readonly offset: number; readonly value: Place }[] = [];
  readonly failure = new Label("failure");
  /** The first byte of each section, and the end of the program in memory. */
  readonly starts: Readonly<Record<Section, Place>>;
  readonly statusDescriptor: number;

  constructor(instructions: InstructionSet, statusDescriptor: number) {
    this.instructions = instructions;
    this.code = instructions.makeAssembler();
    this.statusDescriptor = statusDescriptor;
    const start = (section: Section): Place => {
      const label = new Label(section);
      label.section = section;
      return at(label);
    };
    this.starts = {
      code: start("code"),
      data: start("data"),
      scratch: start("scratch"),
      shared: start("shared"),
      kernel: start("kernel"),
      end: start("end"),
    };
  }

  /** Places bytes in the data section. */
  bytes(content: Uint8Array, alignment = 8): Place {
    const padding = -this.#dataLength & (alignment - 1);
    if (padding > 0) this.#data.push(new Uint8Array(padding));
    const label = new Label("data");
    label.section = "data";
    label.offset = this.#dataLength + padding;
    this.#data.push(content);
    this.#dataLength += padding + content.length;
    return at(label);
  }

  /** Places a zero-terminated string in the data section, each once. */
  text(content: string): Place {
    const known = this.#texts.get(content);
    if (known !== undefined) return known;
    const place = this.bytes(encodeText(`${content}\0`), 1);
    this.#texts.set(content, place);
    return place;
  }

  /** 64-bit words in the data section; a `Place` among them becomes its address. */
  words(values: readonly (bigint | number | Place)[], alignment = 8): Place {
    const content = new Uint8Array(values.length * 8);
    const view = new DataView(content.buffer);
    const place = this.bytes(content, alignment);
    for (const [index, value] of values.entries()) {
      if (typeof value === "object") this.#patches.push({ at: place.label, offset: index * 8, value });
      else view.setBigUint64(index * 8, BigInt.asUintN(64, BigInt(value)), true);
    }
    return place;
  }

  /** Reserves zeroed writable memory. */
  scratch(size = 8, alignment = 8): Place {
    this.#scratchLength += -this.#scratchLength & (alignment - 1);
    const label = new Label("scratch");
    label.section = "scratch";
    label.offset = this.#scratchLength;
    this.#scratchLength += size;
    return at(label);
  }

  /** Reserves zeroed memory that all processes of the tree see, once the program has mapped it. */
  shared(size = 8): Place {
    const label = new Label("shared");
    label.section = "shared";
    label.offset = this.#sharedLength;
    this.#sharedLength += size;
    return at(label);
  }

  /** Reserves addresses, in whole pages, to which something of the kernel's is moved. @returns the first */
  keepForKernel(size: number): Place {
    const place = at(this.starts.kernel.label, this.#kernelLength);
    this.#kernelLength += size;
    return place;
  }

  load(register: Register, operand: Operand): void {
    if (typeof operand === "number") this.code.move(register, BigInt(operand));
    else if (typeof operand === "bigint") this.code.move(register, operand);
    else if (typeof operand === "string") this.code.moveRegister(register, operand);
    else if ("valueAt" in operand) this.code.load(register, operand.valueAt);
    else this.code.loadAddress(register, operand);
  }

  /** Loads the number of bytes from `from` to `to`. `temporary` is lost. */
  loadDistance(register: Register, from: Place, to: Place | bigint): void {
    this.load(register, to);
    this.code.loadAddress("temporary", from);
    this.code.negate("temporary");
    this.code.add(register, "temporary");
  }

  /** Makes a system call. The result is in `result`. */
  call(name: SyscallName, operands: readonly Operand[], { expect = "ok", store, describe = name }: CallOptions = {}): void {
    for (const [index, operand] of operands.entries()) this.load(argumentRegisters[index]!, operand);
    this.code.move("number", BigInt(this.instructions.syscalls[name]));
    this.code.syscall();
    if (expect === "ok") this.failUnlessOk(describe);
    else if (expect !== "ignore") {
      this.code.loadAddress("message", this.#failureText(describe));
      this.code.move("temporary", BigInt(expect));
      this.code.compareRegister("result", "temporary");
      this.code.jumpIf("notEqual", this.failure);
    }
    if (store !== undefined) this.code.store(store, "result");
  }

  /** Ends the program with `describe` as the reason if `result` holds an error. */
  failUnlessOk(describe: string): void {
    this.code.loadAddress("message", this.#failureText(describe));
    this.code.compare("result", -4095);
    this.code.jumpIf("aboveOrEqual", this.failure);
  }

  /** Ends the program with `describe` as the reason. */
  fail(describe: string): void {
    this.code.loadAddress("message", this.#failureText(describe));
    this.code.jump(this.failure);
  }

  /** Waits until the 32-bit word at `word` is no longer 0. */
  waitUntilSet(word: Place): void {
    const again = new Label("wait");
    const done = new Label("waited");
    this.code.define(again);
    this.code.load32("result", word);
    this.code.compare("result", 0);
    this.code.jumpIf("notEqual", done);
    this.call("futex", [word, FUTEX_WAIT, 0, 0], { expect: "ignore" });
    this.code.jump(again);
    this.code.define(done);
  }

  /** Waits until the 32-bit word at `word` is `count`. */
  waitUntilCount(word: Place, count: number): void {
    const again = new Label("not all there");
    const done = new Label("all there");
    this.code.define(again);
    this.code.load32("result", word);
    this.code.compare("result", count);
    this.code.jumpIf("equal", done);
    this.code.moveRegister("argument2", "result");
    this.call("futex", [word, FUTEX_WAIT, "argument2", 0], { expect: "ignore" });
    this.code.jump(again);
    this.code.define(done);
  }

  /** Sets the 32-bit word at `word` to 1 and wakes who waits for it. */
  set(word: Place): void {
    this.code.store32(word, 1);
    this.#wake(word);
  }

  /** Adds 1 to the 32-bit word at `word` and wakes who waits for it. */
  increment(word: Place): void {
    this.code.atomicIncrement32(word);
    this.#wake(word);
  }

  /** Makes a process or thread, which must get the id `id`; it begins at `child`. Arguments that are left out are 0. */
  clone(id: number, child: Label, given: Readonly<Partial<Record<CloneArgument, Operand>>>): void {
    const made = new Label(`${id} made`);
    const operands = this.instructions.cloneArguments.map((name) => given[name] ?? 0);
    this.call("clone", operands, { expect: "ignore" });
    this.code.compare("result", 0);
    this.code.jumpIf("equal", child);
    this.code.compare("result", id);
    this.code.jumpIf("equal", made);
    this.fail(`process or thread id ${id} was not free`);
    this.code.define(made);
  }

  /**
   * The failure routine: writes the message at `message` and `result` in hexadecimal to the
   * status file, and ends all threads.
   */
  emitFailureRoutine(): void {
    const { code } = this;
    const digits = this.scratch(24);
    code.define(this.failure);
    code.moveRegister("failed", "result");
    code.move("number", BigInt(this.instructions.syscalls.write));
    code.move("argument0", BigInt(this.statusDescriptor));
    code.moveRegister("argument1", "message");
    code.loadBefore32("argument2", "message"); // the length that stands before the text
    code.syscall();
    code.store32(at(digits.label, 16), 0x0a);
    code.loadAddress("argument1", at(digits.label, 16));
    code.writeDigits();
    this.call("write", [this.statusDescriptor, digits, 17], { expect: "ignore" });
    this.call("exit_group", [FAILURE_EXIT_STATUS], { expect: "ignore" });
  }

  /** Bytes of each section, rounded up to pages. */
  get sizes(): Readonly<Record<Exclude<Section, "end">, number>> {
    const round = (length: number): number => (length + pageSize - 1) & -pageSize;
    return {
      code: round(this.code.length),
      data: round(this.#dataLength),
      scratch: round(this.#scratchLength),
      shared: round(this.#sharedLength),
      kernel: round(this.#kernelLength),
    };
  }

  /** Code and data (page-aligned each) as they must lie in memory from `base` on; scratch follows, zeroed. */
  link(base: bigint): Uint8Array {
    const { code: codeSize, data: dataSize, scratch: scratchSize, shared: sharedSize, kernel: kernelSize } = this.sizes;
    const starts = {
      code: base,
      data: base + BigInt(codeSize),
      scratch: base + BigInt(codeSize + dataSize),
      shared: base + BigInt(codeSize + dataSize + scratchSize),
      kernel: base + BigInt(codeSize + dataSize + scratchSize + sharedSize),
      end: base + BigInt(codeSize + dataSize + scratchSize + sharedSize + kernelSize),
    };
    const addressOf = (label: Label): bigint => {
      if (label.section === undefined) throw new Error(`label ${label.name} was never defined`);
      return starts[label.section] + BigInt(label.offset);
    };
    const image = new Uint8Array(codeSize + dataSize);
    image.set(this.code.link(base, addressOf), 0);
    let offset = codeSize;
    for (const chunk of this.#data) {
      image.set(chunk, offset);
      offset += chunk.length;
    }
    const view = new DataView(image.buffer);
    for (const patch of this.#patches) {
      const value = addressOf(patch.value.label) + BigInt(patch.value.addend);
      view.setBigUint64(codeSize + patch.at.offset + patch.offset, value, true);
    }
    return image;
  }

  #failureText(describe: string): Place {
    const key = `failed\t${describe}`;
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const text = new TextEncoder().encode(`failed\t${describe.replaceAll(/[\t\n]/g, " ")}\t`);
    const content = new Uint8Array(4 + text.length);
    new DataView(content.buffer).setUint32(0, text.length, true);
    content.set(text, 4);
    const place = at(this.bytes(content, 4).label, 4);
    this.#texts.set(key, place);
    return place;
  }

  #wake(word: Place): void {
    this.call("futex", [word, FUTEX_WAKE, everyone], { expect: "ignore" });
  }
}
