import { readFile } from "node:fs/promises";
import { Decrypter, Encrypter } from "age-encryption";
import { MigrationError, messageOf } from "../../errors.ts";
import { refusal } from "../archive/refusal.ts";
import { peek } from "./peek.ts";

/** Files of age begin so (https://age-encryption.org/v1, "Header"). */
const firstLine = "age-encryption.org/v1\n";
/** Each recipient has about 100 bytes there; post-quantum ones 1.6 KB. */
const largestHeader = 2 ** 16;
const endOfHeader = "\n--- ";
/** Larger pieces would be decrypted in one go, without a pause for those who read. */
const pieceSize = 1 << 16;

export function isEncrypted(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, firstLine.length)).toString("latin1") === firstLine;
}

/**
 * Encrypts for those who have the identity of one of the recipients.
 * @param recipients `age1…`
 * @throws MigrationError `usage` when one is no recipient
 */
export async function encrypted(
  chunks: AsyncIterable<Uint8Array>,
  recipients: readonly string[],
): Promise<AsyncIterable<Uint8Array>> {
  return await encrypterFor(recipients).encrypt(webStream(chunks));
}

/** @throws MigrationError `usage` when one is no recipient */
export function encrypterFor(recipients: readonly string[]): Encrypter {
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (cause) {
      throw new MigrationError("usage", `\`${recipient}\` is no recipient of age (${messageOf(cause)})`, {
        remedy: "Name the public key that age-keygen printed: age1…",
        cause,
      });
    }
  }
  return encrypter;
}

/**
 * Decrypts what age encrypted. Pieces come out only after their authentication; the last one only when the whole has arrived.
 * @param identityFile with lines `AGE-SECRET-KEY-1…`, as `age-keygen` writes it
 * @throws MigrationError `archive-refused`: `identity-missing`, `identity-wrong`, `identity-unreadable`, `encryption-corrupt`
 */
export async function* decrypted(
  chunks: AsyncIterable<Uint8Array>,
  identityFile: string | undefined,
): AsyncGenerator<Uint8Array> {
  if (identityFile === undefined) {
    throw refusal("identity-missing", "it is encrypted, and no identity was given", {
      remedy: "Name the file with your age identity (AGE-SECRET-KEY-1…) with --identity.",
    });
  }
  const decrypter = await decrypterWith(identityFile);
  const { head, whole } = await peek(chunks, largestHeader);
  if (!Buffer.from(head).includes(endOfHeader)) throw refusal("encryption-corrupt", "the header of its encryption has no end");
  const plain = await decrypter.decrypt(webStream(whole)).catch((error: unknown) => {
    throw headerFailure(error);
  });
  try {
    yield* plain;
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    throw refusal("encryption-corrupt", "what is encrypted was damaged or cut off", { cause: error });
  }
}

async function decrypterWith(identityFile: string): Promise<Decrypter> {
  const decrypter = new Decrypter();
  const remedy = "Name a file as age-keygen writes it: a line AGE-SECRET-KEY-1…, without a passphrase of its own.";
  try {
    const text = await readFile(identityFile, "utf8");
    const identities = text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
    if (identities.length === 0) throw new Error("it has no identity in it");
    for (const identity of identities) decrypter.addIdentity(identity);
  } catch (cause) {
    // Its message may quote the key.
    throw refusal("identity-unreadable", `the identity file ${identityFile} can't be used`, { remedy, cause: reasonOnly(cause) });
  }
  return decrypter;
}

function reasonOnly(cause: unknown): Error {
  const { code } = cause as NodeJS.ErrnoException;
  return new Error(code === undefined ? "a line of it is no identity of age" : `the file can't be read (${code})`);
}

function headerFailure(error: unknown): unknown {
  if (error instanceof MigrationError) return error;
  if (/no identity matched/.test(messageOf(error))) {
    return refusal("identity-wrong", "it is encrypted for others than the identity that was given", {
      remedy: "Name the file with an identity whose recipient it was encrypted for with --identity.",
      cause: error,
    });
  }
  return refusal("encryption-corrupt", `the header of its encryption is damaged (${messageOf(error)})`, { cause: error });
}

function webStream(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return ReadableStream.from(pieces(chunks));
}

async function* pieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += pieceSize) yield chunk.subarray(start, start + pieceSize);
  }
}
