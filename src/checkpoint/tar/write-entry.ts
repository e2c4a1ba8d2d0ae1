import { blockSize } from "./header.ts";

/** An entry without content. */
export interface EmptyEntry {
  /** Bytes of its path: names of files need not be UTF-8. */
  readonly name: Uint8Array;
  readonly type: "directory" | "character-device";
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly modified: number;
}

/** Two blocks of zeros end a tar archive (pax(1)). */
export const tarEnd = Buffer.alloc(2 * blockSize);

const typeFlags = { "character-device": "3", directory: "5" } as const;
const nameLength = 100;
/** Seven octal digits. */
const largestId = 0o7777777;

/** A tar entry of the POSIX format; a device has the numbers 0:0. What a header has no room for is in an extended one before it. */
export function tarEntry(entry: EmptyEntry): Buffer {
  const records = [
    ...(entry.name.length > nameLength ? [record("path", entry.name)] : []),
    ...(["uid", "gid"] as const).flatMap((key) => (entry[key] > largestId ? [record(key, Buffer.from(String(entry[key])))] : [])),
  ];
  const own = header({ ...entry, typeFlag: typeFlags[entry.type], size: 0 });
  if (records.length === 0) return own;
  const content = Buffer.concat(records);
  const extended = header({ ...entry, name: Buffer.from("PaxHeader"), mode: 0o600, typeFlag: "x", size: content.length });
  return Buffer.concat([extended, content, Buffer.alloc((blockSize - (content.length % blockSize)) % blockSize), own]);
}

/** `<length of all of it> <key>=<value>\n` */
function record(key: string, value: Uint8Array): Buffer {
  const rest = 1 + key.length + 1 + value.length + 1;
  let length = rest + 1;
  while (rest + String(length).length !== length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from("\n")]);
}

interface Header extends Omit<EmptyEntry, "type"> {
  readonly typeFlag: string;
  readonly size: number;
}

function header({ name, mode, uid, gid, modified, typeFlag, size }: Header): Buffer {
  const block = Buffer.alloc(blockSize);
  block.set(name.subarray(0, nameLength));
  const numbers = [
    [100, 8, mode],
    [108, 8, Math.min(uid, largestId)],
    [116, 8, Math.min(gid, largestId)],
    [124, 12, size],
    [136, 12, Math.max(0, modified)],
    [329, 8, 0],
    [337, 8, 0],
  ] as const;
  for (const [offset, length, value] of numbers) block.write(value.toString(8).padStart(length - 1, "0"), offset);
  block.write(typeFlag, 156);
  block.write("ustar\x0000", 257);
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
