/**
 * Strings of CRIU's images. They are mostly paths, and Linux paths are bytes of any kind: what isn't UTF-8 is kept as
 * lone surrogates U+DC80…U+DCFF (the scheme of PEP 383), so that a string always gives its own bytes back.
 */

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const escapeBase = 0xdc00;
const escaped = /[\udc80-\udcff]/u;

export function decodeText(bytes: Uint8Array): string {
  return tryDecode(bytes) ?? decodePiecewise(bytes);
}

/** The bytes of a string that `decodeText` returned, or of any other string. */
export function encodeText(text: string): Uint8Array {
  if (!escaped.test(text)) {
    return Buffer.from(text, "utf8");
  }
  return Buffer.concat(
    Array.from(text, (character) =>
      escaped.test(character) ? Buffer.of(character.charCodeAt(0) - escapeBase) : Buffer.from(character, "utf8"),
    ),
  );
}

function tryDecode(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

function decodePiecewise(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const character = tryDecode(bytes.subarray(at, at + length));
    text += character ?? String.fromCharCode(escapeBase + first);
    at += character === undefined ? 1 : length;
  }
  return text;
}
