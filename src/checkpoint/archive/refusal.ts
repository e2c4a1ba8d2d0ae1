import { MigrationError } from "../../errors.ts";

/** Why an archive is refused, as programs read it (`details.reason`). Each is explained in docs/archives.md. */
export const refusalReasons = [
  // The file and its layers.
  "not-an-archive",
  "identity-missing",
  "identity-wrong",
  "identity-unreadable",
  "encryption-corrupt",
  "compression-corrupt",
  "compression-window",
  "truncated",
  "trailing-data",
  // The tar.
  "header-corrupt",
  "bad-number",
  "extended-header",
  "sparse-member",
  "link-member",
  "device-member",
  "member-type",
  // Names.
  "absolute-path",
  "path-traversal",
  "bad-name",
  "name-too-long",
  "duplicate-member",
  "name-collision",
  "unknown-member",
  // The manifest, and members against it.
  "manifest-missing",
  "manifest-twice",
  "manifest-too-large",
  "manifest-not-json",
  "manifest-not-canonical",
  "manifest-invalid",
  "format-version",
  "bad-id",
  "unlisted-member",
  "missing-member",
  "member-order",
  "wrong-size",
  "wrong-mode",
  "wrong-sum",
  // Sizes.
  "too-many-members",
  "too-large",
  "no-room",
  "ratio",
  // What the members hold.
  "record-invalid",
  "deleted-path",
  "image-unconfined",
  "upper-corrupt",
  "upper-absolute",
  "upper-traversal",
  "upper-name",
  "upper-duplicate",
  "upper-through-link",
  "upper-link-outside",
  "upper-device",
  "upper-type",
  "upper-attribute",
  "upper-sparse",
  "upper-too-many",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** An error that says why an archive is refused. @param member the member that it is about */
export function refusal(
  reason: RefusalReason,
  message: string,
  { member, remedy, cause }: { readonly member?: string | undefined; readonly remedy?: string; readonly cause?: unknown } = {},
): MigrationError {
  return new MigrationError("archive-refused", `the archive is refused: ${message}`, {
    host: "local",
    remedy: remedy ?? "Take the checkpoint again, or get the archive again from where it came. Nothing of it was used.",
    details: { reason, ...(member === undefined ? {} : { member }) },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A hostile name as it may be printed: without control characters, and not long. */
export function shown(name: string): string {
  const text = JSON.stringify(name)
    .slice(1, -1)
    // Control characters that JSON leaves, and those that turn the direction of writing.
    .replace(
      /[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
      (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
