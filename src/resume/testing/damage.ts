import fc from "fast-check";
import { decodeImage } from "../../criu/images/decode-image.ts";
import { encodeImage } from "../../criu/images/encode-image.ts";
import type { Image, ImageEntry } from "../../criu/images/image.ts";
import { type ImageKindName, imageKindOf } from "../../criu/images/kinds.ts";
import { changeValue } from "./damage-values.ts";

/** The files of an image folder by name, but for pages. */
export type Folder = ReadonlyMap<string, Uint8Array>;

/** What is done to a file; numbers are taken modulo what there is. */
export type Damage =
  | { readonly what: "flip" | "truncate" | "extend"; readonly file: number; readonly at: number }
  | { readonly what: "swap"; readonly file: number; readonly with: number }
  | { readonly what: "remove"; readonly file: number }
  | { readonly what: "double entry" | "remove entry" | "reverse entries"; readonly file: number; readonly at: number }
  | { readonly what: "change"; readonly file: number; readonly at: number; readonly choices: readonly number[] };

const number = fc.nat();
const file = number;

const accidents: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ what: fc.constantFrom("flip", "truncate", "extend"), file, at: number }),
  fc.record({ what: fc.constant("swap" as const), file, with: number }),
  fc.record({ what: fc.constant("remove" as const), file }),
);
const edits: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ what: fc.constantFrom("double entry", "remove entry", "reverse entries"), file, at: number }),
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant("change" as const),
      ...{ file, at: number, choices: fc.array(number, { minLength: 8, maxLength: 8, size: "max" }) },
    }),
  },
);

/** Damage as disks do it, and as an enemy would. */
export const anyDamage: fc.Arbitrary<Damage> = fc.oneof({ weight: 1, arbitrary: accidents }, { weight: 3, arbitrary: edits });

/** @returns the files that are otherwise now, undefined for one that is gone; nothing when the damage changes nothing */
export function damage(folder: Folder, damage: Damage): ReadonlyMap<string, Uint8Array | undefined> {
  const names = [...folder.keys()].filter((name) => name.endsWith(".img"));
  const name = names[damage.file % names.length]!;
  const changed = new Map(damageFiles(folder, names, name, damage));
  for (const [file, bytes] of changed)
    if (bytes !== undefined && Buffer.compare(bytes, folder.get(file)!) === 0) changed.delete(file);
  return changed;
}

function damageFiles(folder: Folder, names: readonly string[], name: string, damage: Damage): [string, Uint8Array | undefined][] {
  const bytes = folder.get(name)!;
  switch (damage.what) {
    case "remove":
      return [[name, undefined]];
    case "swap": {
      const other = names[damage.with % names.length]!;
      return [
        [name, folder.get(other)!],
        [other, bytes],
      ];
    }
    case "flip": {
      const copy = Uint8Array.from(bytes);
      const at = damage.at % (copy.length * 8);
      copy[at >> 3]! ^= 1 << (at & 7);
      return [[name, copy]];
    }
    case "truncate":
      return [[name, bytes.subarray(0, damage.at % bytes.length)]];
    case "extend":
      return [[name, Buffer.concat([bytes, bytes.subarray(damage.at % bytes.length)])]];
    default:
      return [[name, editImage(name, bytes, damage)]];
  }
}

/** Decodes, changes and encodes again; an image of no known kind stays as it is. */
function editImage(
  name: string,
  bytes: Uint8Array,
  damage: Exclude<Damage, { readonly file: number; readonly with: number }>,
): Uint8Array {
  const kind = imageKindOf(name);
  if (kind === undefined) return bytes;
  const image = decodeImage(kind, bytes, name);
  const { entries } = image;
  const at = "at" in damage ? damage.at % Math.max(1, entries.length) : 0;
  switch (damage.what) {
    case "double entry":
      return encodeImage({ ...image, entries: entries.toSpliced(at, 0, ...entries.slice(at, at + 1)) });
    case "remove entry":
      return encodeImage({ ...image, entries: entries.toSpliced(at, 1) });
    case "reverse entries":
      return encodeImage({ ...image, entries: entries.toReversed() });
    case "change":
      return encodeIfFits(changeEntry(image, at, damage.choices)) ?? bytes;
    default:
      return bytes;
  }
}

function changeEntry(image: Image<ImageKindName>, at: number, choices: readonly number[]): Image<ImageKindName> {
  const [entry, first = 0] = [image.entries[at], choices[0]];
  if (image.head !== undefined && (entry === undefined || first % 8 === 0))
    return { ...image, head: changeValue(image.head, choices.slice(1)) as NonNullable<typeof image.head> };
  if (entry === undefined) return image;
  const message = changeValue(entry.message, choices.slice(1)) as ImageEntry<never>["message"];
  return { ...image, entries: image.entries.with(at, { ...entry, message }) };
}

/** A value may not fit its field: a number that is too large, one that is none of an enum's. */
function encodeIfFits(image: Image<ImageKindName>): Uint8Array | undefined {
  try {
    return encodeImage(image);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
