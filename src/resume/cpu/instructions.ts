/** Lengths of 64-bit instructions (Intel SDM volume 2, 2.1 to 2.7 and appendix A), as far as compilers and assemblers write them. */
export interface Instruction {
  readonly length: number;
  /** Whether it has an EVEX prefix: AVX-512, also in its forms for 128 and 256 bits. */
  readonly evex: boolean;
}

const prefixes: ReadonlySet<number> = new Set([0x66, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0x67, 0xf0]);
const map = { none: 0, two: 1, three38: 2, three3a: 3 } as const;

/** @returns undefined when it is none that is known, or the code ends within it */
export function instructionAt(code: Uint8Array, start: number): Instruction | undefined {
  let at = start;
  let [wide, short] = [false, false];
  for (; prefixes.has(code[at]!); at++) short ||= code[at] === 0x66;
  if ((code[at]! & 0xf0) === 0x40) wide = (code[at++]! & 8) !== 0;
  const first = code[at]!;
  if (first === 0xc5) return finish(code, start, at + 2, operandsIn(map.two, code[at + 2]!, true), false);
  if (first === 0xc4) return finish(code, start, at + 3, operandsIn(code[at + 1]! & 0x1f, code[at + 3]!, true), false);
  if (first === 0x62) {
    // One bit of each of the first two bytes is fixed.
    if ((code[at + 1]! & 0x08) !== 0 || (code[at + 2]! & 0x04) === 0) return undefined;
    return finish(code, start, at + 4, operandsIn(code[at + 1]! & 7, code[at + 4]!, true), true);
  }
  if (first !== 0x0f) return finish(code, start, at, oneByte(code, at, wide, short), false);
  const second = code[at + 1]!;
  if (second === 0x38) return finish(code, start, at + 2, operandsIn(map.three38, code[at + 2]!, false), false);
  if (second === 0x3a) return finish(code, start, at + 2, operandsIn(map.three3a, code[at + 2]!, false), false);
  return finish(code, start, at + 1, operandsIn(map.two, second, false), false);
}

/** What follows an opcode. */
interface Operands {
  readonly modrm: boolean;
  readonly immediate: number;
}

const operands = (modrm: boolean, immediate = 0): Operands => ({ modrm, immediate });

function finish(
  code: Uint8Array,
  start: number,
  opcode: number,
  what: Operands | undefined,
  evex: boolean,
): Instruction | undefined {
  if (what === undefined) return undefined;
  const end = opcode + 1 + (what.modrm ? addressSize(code, opcode + 1) : 0) + what.immediate;
  return end > code.length ? undefined : { length: end - start, evex };
}

/** ModRM, SIB and displacement. EVEX's short displacement is one byte, too. */
function addressSize(code: Uint8Array, at: number): number {
  const [mode, register] = [code[at]! >> 6, code[at]! & 7];
  if (mode === 3) return 1;
  const base = register === 4 ? code[at + 1]! & 7 : register;
  const displacement = mode === 1 ? 1 : mode === 2 || base === 5 ? 4 : 0;
  return 1 + (register === 4 ? 1 : 0) + displacement;
}

const withByte: ReadonlySet<number> = new Set([0x70, 0x71, 0x72, 0x73, 0xa4, 0xac, 0xba, 0xc2, 0xc4, 0xc5, 0xc6]);
const alone: ReadonlySet<number> = new Set([0x05, 0x06, 0x07, 0x08, 0x09, 0x0b, 0x77, 0xa0, 0xa1, 0xa2, 0xa8, 0xa9, 0xaa]);

/** @param vector whether a VEX or EVEX prefix names the map */
function operandsIn(table: number, opcode: number, vector: boolean): Operands | undefined {
  if (table === map.three3a) return operands(true, 1);
  if (table !== map.two) return table === map.three38 || (vector && (table === 5 || table === 6)) ? operands(true) : undefined;
  if (vector) return operands(opcode !== 0x77, withByte.has(opcode) ? 1 : 0);
  if (opcode >= 0x80 && opcode <= 0x8f) return operands(false, 4);
  if (alone.has(opcode) || (opcode >= 0x30 && opcode <= 0x37) || (opcode >= 0xc8 && opcode <= 0xcf)) return operands(false);
  return operands(true, withByte.has(opcode) ? 1 : 0);
}

function oneByte(code: Uint8Array, at: number, wide: boolean, short: boolean): Operands | undefined {
  const opcode = code[at]!;
  const word = short ? 2 : 4;
  if (opcode < 0x40) return [operands(true), operands(false, 1), operands(false, word), undefined][Math.max(0, (opcode & 7) - 3)];
  if (opcode < 0x60) return operands(false);
  const test = (code[at + 1]! & 0x30) === 0;
  const found = rows.find(([from, to]) => opcode >= from && opcode <= to);
  if (found === undefined) return undefined;
  const [, , form] = found;
  if (opcode >= 0xb8 && opcode <= 0xbf) return operands(false, wide ? 8 : word);
  if (opcode === 0xf6) return operands(true, test ? 1 : 0);
  if (opcode === 0xf7) return operands(true, test ? word : 0);
  return operands(form.includes("m"), form.includes("w") ? word : Number(/\d/.exec(form)?.[0] ?? 0));
}

/** Ranges of opcodes and what follows: m ModRM, w a word of the operand's size, else a number of bytes. */
const rows: readonly (readonly [number, number, string])[] = [
  [0x63, 0x63, "m"],
  [0x68, 0x68, "w"],
  [0x69, 0x69, "mw"],
  [0x6a, 0x6a, "1"],
  [0x6b, 0x6b, "m1"],
  [0x6c, 0x6f, ""],
  [0x70, 0x7f, "1"],
  [0x80, 0x80, "m1"],
  [0x81, 0x81, "mw"],
  [0x83, 0x83, "m1"],
  [0x84, 0x8f, "m"],
  [0x90, 0x99, ""],
  [0x9b, 0x9f, ""],
  [0xa0, 0xa3, "8"],
  [0xa4, 0xa7, ""],
  [0xa8, 0xa8, "1"],
  [0xa9, 0xa9, "w"],
  [0xaa, 0xaf, ""],
  [0xb0, 0xb7, "1"],
  [0xb8, 0xbf, "w"],
  [0xc0, 0xc1, "m1"],
  [0xc2, 0xc2, "2"],
  [0xc3, 0xc3, ""],
  [0xc6, 0xc6, "m1"],
  [0xc7, 0xc7, "mw"],
  [0xc8, 0xc8, "3"],
  [0xc9, 0xc9, ""],
  [0xcc, 0xcc, ""],
  [0xcd, 0xcd, "1"],
  [0xd0, 0xd3, "m"],
  [0xd7, 0xd7, ""],
  [0xd8, 0xdf, "m"],
  [0xe0, 0xe7, "1"],
  [0xe8, 0xe9, "4"],
  [0xeb, 0xeb, "1"],
  [0xec, 0xef, ""],
  [0xf1, 0xf1, ""],
  [0xf4, 0xf5, ""],
  [0xf6, 0xf7, "m"],
  [0xf8, 0xfd, ""],
  [0xfe, 0xff, "m"],
];
