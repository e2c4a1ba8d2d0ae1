import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { entriesOf, type Parts, tarOf, zstd } from "../parts.ts";
import type { Mutation } from "./mutation.ts";

/** Encrypted archives that are damaged, or read with the wrong identity. @param folder for identity files */
export async function encryptionMutations(parts: Parts, folder: string): Promise<Mutation[]> {
  const identity = await generateX25519Identity();
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(identity));
  const plain = zstd(tarOf(parts.manifest, entriesOf(parts)));
  const encrypt = async (bytes: Uint8Array) => Buffer.from(await encrypter.encrypt(bytes));
  const bytes = await encrypt(plain);
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const identityFile = await file("identity", `# created: today\n${identity}\n`);
  const headerEnd = bytes.indexOf("\n--- ");
  const chunk = 65_552;
  const flip = (offset: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[offset]! ^= 1;
    return copy;
  };
  const body = headerEnd + 5 + 43 + 1 + 16;
  const damaged: readonly (readonly [string, Buffer])[] = [
    ["a damaged body", flip(bytes.length - 100)],
    ["a damaged first piece", flip(body + 10)],
    ["a damaged nonce", flip(body - 5)],
    ["a damaged sum of its header", flip(headerEnd + 10)],
    ["an end cut off", bytes.subarray(0, -1)],
    ["its last piece cut off", bytes.subarray(0, body + chunk * Math.floor((bytes.length - body - 1) / chunk))],
    ["half of it", bytes.subarray(0, bytes.length >> 1)],
    ["only its header", bytes.subarray(0, body)],
    ["half of its header", bytes.subarray(0, headerEnd - 20)],
    ["only its first line", bytes.subarray(0, 22)],
    ["more after its end", Buffer.concat([bytes, Buffer.from("x")])],
    ["another one after its end", Buffer.concat([bytes, bytes])],
    ["a header without an end", Buffer.concat([bytes.subarray(0, 22), Buffer.alloc(200_000, "-> X25519 ")])],
  ];
  // Another letter of base64: a flipped bit may give a character that is none.
  const otherKey = Buffer.from(bytes);
  otherKey[headerEnd - 10] = (bytes[headerEnd - 10] === 0x42 ? "C" : "B").charCodeAt(0);
  return [
    ...damaged.map(
      ([what, content]): Mutation => ({
        name: `encrypted, with ${what}`,
        expected: "encryption-corrupt",
        archive: () => content,
        identityFile,
      }),
    ),
    // A key that opens nothing looks as if it were for somebody else.
    { name: "encrypted, with a damaged key", expected: "identity-wrong", archive: () => otherKey, identityFile },
    { name: "encrypted, and no identity", expected: "identity-missing", archive: () => bytes },
    {
      name: "encrypted, and another identity",
      expected: "identity-wrong",
      archive: () => bytes,
      identityFile: await file("other", await generateX25519Identity()),
    },
    {
      name: "encrypted, and no file of that name",
      expected: "identity-unreadable",
      archive: () => bytes,
      identityFile: join(folder, "missing"),
    },
    {
      name: "encrypted, and an empty identity file",
      expected: "identity-unreadable",
      archive: () => bytes,
      identityFile: await file("empty", "# nothing\n"),
    },
    {
      name: "encrypted, and a recipient as identity",
      expected: "identity-unreadable",
      archive: () => bytes,
      identityFile: await file("recipient", await identityToRecipient(identity)),
    },
    { name: "encrypted text", expected: "not-an-archive", archive: () => encrypt(Buffer.from("text")), identityFile },
    { name: "encrypted twice", expected: "not-an-archive", archive: async () => encrypt(bytes), identityFile },
    {
      name: "encrypted, and truncated before",
      expected: "truncated",
      archive: () => encrypt(plain.subarray(0, -10)),
      identityFile,
    },
  ];
}
