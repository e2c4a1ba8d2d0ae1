import fc from "fast-check";

/** A file of any kind that is made; `make-tree.py` reads it. */
export interface FileSpec {
  readonly kind: "file" | "holes" | "folder" | "symlink" | "hardlink" | "fifo" | "character-device" | "block-device";
  /** One letter for each byte: names need not be UTF-8. */
  readonly name: string;
  /** Which of the folders made so far it lies in, modulo their number; 0 is the tree itself. */
  readonly folder: number;
  /** Which of the files made so far a hard link names, modulo their number. */
  readonly links: number;
  /** Where a symbolic link leads. */
  readonly leadsTo: string;
  /** Bytes; of a file with holes, between two pieces of content. */
  readonly size: number;
  /** What its content is made of. */
  readonly filling: number;
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
  /** Nanoseconds since 1970, as decimal digits. */
  readonly modified: string;
  /** Extended attributes: values in hexadecimal. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** What is done to a file or folder of the image. */
export interface ChangeSpec {
  readonly what: "remove" | "file" | "folder" | "append" | "touch" | "mode" | "owner" | "attribute" | "link";
  readonly path: string;
}

/** The image's files and folders that are changed, by their paths below its root. */
const imagePaths = [
  "image/file",
  "image/linked",
  "image/folder",
  "image/folder/one",
  "image/folder/deep",
  "image/folder/deep/two",
  "image/old",
  "image/old/three",
  "image/symlink",
  "image/set-user-id",
  "image/empty",
] as const;

const oddNames = [
  ...["plain", "with space", "line\nfeed", "back\\slash", "-dash", "latin\xe9", "\xc3\xbc", "'quote\"", "*glob?[x]"],
  ...["tab\t", ".hidden", "$HOME", "%s", ".wh.like-a-whiteout", "trailing ", "x".repeat(200), "#", "=", "\x7f"],
];
const modes = [0o644, 0o600, 0o755, 0o4755, 0o2755, 0o1777, 0o000, 0o777, 0o6711, 0o400, 0o3770];
const ids = [0, 1, 33, 1000, 65_534, 100_000, 2_097_152, 2_147_483_648, 4_294_967_294];
/** Version 2 (linux/capability.h, `struct vfs_cap_data`): CAP_NET_BIND_SERVICE, effective. */
const fileCapability = `0100000200040000${"00".repeat(12)}`;
/** `struct posix_acl_xattr_header` and its entries: rw for the owner and for user 1000, r for the group, mask rw, nothing for others. */
const accessList =
  "02000000" + "01000600ffffffff" + "02000600e8030000" + "04000400ffffffff" + "10000600ffffffff" + "20000000ffffffff";

const nanosecond = fc.constantFrom(0n, 1n, 999_999_999n, 123_456_789n, 500_000_000n);
const second = fc.oneof(
  fc.constantFrom(0n, 1n, 981_173_106n, 2_147_483_648n, 4_294_967_296n),
  fc.bigInt({ min: 0n, max: 1_700_000_000n }),
);
const moment = fc.tuple(second, nanosecond).map(([whole, rest]) => String(whole * 1_000_000_000n + rest));

const attributes = fc
  .record(
    {
      "user.mark": fc.constantFrom("76616c7565", "", "00ff80", "0a3d0a"),
      "user.long": fc.constant("ab".repeat(900)),
      "trusted.note": fc.constant("6e6f7465"),
      "security.capability": fc.constant(fileCapability),
      "system.posix_acl_access": fc.constant(accessList),
    },
    { requiredKeys: [] },
  )
  .map(
    (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Record<string, string>,
  );

const file: fc.Arbitrary<FileSpec> = fc.record({
  kind: fc.constantFrom<FileSpec["kind"]>(
    ...(["file", "file", "file", "folder", "folder", "holes", "symlink", "hardlink", "fifo"] as const),
    ...(["character-device", "block-device"] as const),
  ),
  name: fc.constantFrom(...oddNames),
  folder: fc.nat(1000),
  links: fc.nat(1000),
  leadsTo: fc.constantFrom("nowhere", "../up", "/image/file", "line\nfeed", "latin\xe9", "y".repeat(180)),
  size: fc.oneof(fc.constantFrom(0, 1, 511, 512, 4096, 4097), fc.nat(200_000)),
  filling: fc.nat(255),
  mode: fc.constantFrom(...modes),
  owner: fc.constantFrom(...ids),
  group: fc.constantFrom(...ids),
  modified: moment,
  attributes: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 2, arbitrary: attributes }),
});

/** The names in a tree differ in a number that each begins with. */
export const anyTree: fc.Arbitrary<readonly FileSpec[]> = fc
  .array(file, { minLength: 1, maxLength: 25, size: "max" })
  .map((files) => files.map((each, index) => ({ ...each, name: `${each.name}${index}` })));

export const anyChanges: fc.Arbitrary<readonly ChangeSpec[]> = fc.array(
  fc.record({
    what: fc.constantFrom<ChangeSpec["what"]>(
      ...(["remove", "file", "folder", "append", "touch", "mode", "owner", "attribute", "link"] as const),
    ),
    path: fc.constantFrom(...imagePaths),
  }),
  { maxLength: 8, size: "max" },
);
