import type { Image, ImageEntry } from "../images/image.ts";
import type { ImageKind } from "../images/kind.ts";
import { type ImageKindName, imageKinds } from "../images/kinds.ts";
import type { Random } from "./random.ts";
import { randomMessage } from "./random-message.ts";

/** Any image of a kind, with the raw bytes that its entries ask for. */
export function randomImage(name: ImageKindName, random: Random): Image<ImageKindName> {
  const kind = imageKinds[name] as ImageKind;
  const entries = Array.from({ length: entryCount(name, random) }, () => randomEntry(name, kind, random));
  const framing = kind.bare ? "bare" : random.pick(["common", "bare", "service"] as const);
  const image = { kind: name, framing, entries: entries as Image<ImageKindName>["entries"] };
  return kind.head === undefined
    ? image
    : { ...image, head: randomMessage(kind.head, random) as NonNullable<Image<ImageKindName>["head"]> };
}

/** What follows a ghost file's entry reaches to the end, so there is one; a System V queue's messages have a test of their own. */
function entryCount(name: ImageKindName, random: Random): number {
  return name === "ghost-file" ? 1 : name === "ipcns-msg" ? 0 : random.below(5);
}

function randomEntry(name: ImageKindName, kind: ImageKind, random: Random): ImageEntry<unknown> {
  if (kind.extra === undefined) {
    return { message: randomMessage(kind.entry, random) };
  }
  const message = randomMessage(kind.entry, random, { small: true });
  const length = name === "ghost-file" ? random.below(50) : Number(kind.extra(message, new Uint8Array()));
  return length === 0 ? { message } : { message, extra: random.bytes(length) };
}
