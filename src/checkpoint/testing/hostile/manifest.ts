import { canonicalJson } from "../../archive/canonical-json.ts";
import type { RefusalReason } from "../../archive/refusal.ts";
import { entriesOf, type LooseManifest, type Parts, tarOf, zstd } from "../parts.ts";
import { rawTar } from "../raw-tar.ts";
import type { Mutation } from "./mutation.ts";

type Edit = readonly [what: string, reason: RefusalReason, change: (manifest: LooseManifest) => unknown];

const edits: readonly Edit[] = [
  ["of format 0", "format-version", (manifest) => ({ ...manifest, format: 0 })],
  ["of format 2", "format-version", (manifest) => ({ ...manifest, format: 2 })],
  ["of format -1", "format-version", (manifest) => ({ ...manifest, format: -1 })],
  ["of format 2 with unknown fields", "format-version", (manifest) => ({ ...manifest, format: 2, more: true })],
  ["with its format as text", "manifest-invalid", (manifest) => ({ ...manifest, format: "1" })],
  ["without a format", "manifest-invalid", ({ format: _, ...rest }) => rest],
  ["that is a list", "manifest-invalid", (manifest) => [manifest]],
  ["that is null", "manifest-invalid", () => null],
  ["that is a number", "manifest-invalid", () => 1],
  ["with an unknown field", "manifest-invalid", (manifest) => ({ ...manifest, evil: 1 })],
  ["with a field that commands the terminal", "manifest-invalid", (manifest) => ({ ...manifest, "\u001b[2J\u009b": 1 })],
  ["with a prototype", "manifest-invalid", (manifest) => JSON.parse(`{"__proto__":{},${JSON.stringify(manifest).slice(1)}`)],
  ["with an id that leads out", "bad-id", (manifest) => ({ ...manifest, container: { id: "../../evil", name: "web" } })],
  ["with an empty id", "bad-id", (manifest) => ({ ...manifest, container: { id: "", name: "web" } })],
  [
    "with a name that leads out",
    "bad-id",
    (manifest) => ({ ...manifest, container: { ...(manifest.container as object), name: "../web" } }),
  ],
  [
    "with a name that is an option",
    "bad-id",
    (manifest) => ({ ...manifest, container: { ...(manifest.container as object), name: "--privileged" } }),
  ],
  [
    "with a name that ends a line",
    "bad-id",
    (manifest) => ({ ...manifest, container: { ...(manifest.container as object), name: "web\n" } }),
  ],
  [
    "with an image id that is none",
    "bad-id",
    (manifest) => ({ ...manifest, image: { ...(manifest.image as object), id: "sha256:../../x" } }),
  ],
  [
    "with an image name that is an option",
    "bad-id",
    (manifest) => ({ ...manifest, image: { ...(manifest.image as object), name: "-v" } }),
  ],
  [
    "with a layer that is no digest",
    "bad-id",
    (manifest) => ({ ...manifest, image: { ...(manifest.image as object), layers: ["x"] } }),
  ],
  [
    "with a digest that is none",
    "bad-id",
    (manifest) => ({ ...manifest, image: { ...(manifest.image as object), digests: ["x@sha256:1"] } }),
  ],
  ["with a date that is none", "manifest-invalid", (manifest) => ({ ...manifest, created: "today" })],
  [
    "with an unknown architecture",
    "manifest-invalid",
    (manifest) => ({ ...manifest, source: { ...(manifest.source as object), architecture: "pdp11" } }),
  ],
  [
    "with control characters",
    "manifest-invalid",
    (manifest) => ({ ...manifest, source: { ...(manifest.source as object), kernel: "\u001b[2J" } }),
  ],
  ["with clocks of text", "manifest-invalid", (manifest) => ({ ...manifest, clocks: { realtime: "x", boottime: "0" } })],
  ["with semaphores of objects", "manifest-invalid", (manifest) => ({ ...manifest, semaphores: [{}] })],
  [
    "with an executable that is no member",
    "manifest-invalid",
    (manifest) => ({ ...manifest, executables: [{ path: "/x", member: "executables/x" }] }),
  ],
  [
    "with an executable that is another member",
    "manifest-invalid",
    (manifest) => ({ ...manifest, executables: [{ path: "/x", member: "container.json" }] }),
  ],
  [
    "with an executable twice",
    "manifest-invalid",
    (manifest) => ({ ...manifest, executables: [...(manifest.executables as object[]), ...(manifest.executables as object[])] }),
  ],
  [
    "with an executable at no path",
    "manifest-invalid",
    (manifest) => ({ ...manifest, executables: (manifest.executables as object[]).map((each) => ({ ...each, path: "x" })) }),
  ],
  ["without members", "missing-member", (manifest) => ({ ...manifest, members: [] })],
  [
    "with too many members",
    "too-many-members",
    (manifest) => ({ ...manifest, members: Array.from({ length: 40_001 }, () => 0) }),
  ],
];

const members: readonly Edit[] = [
  ["of negative size", "manifest-invalid", (member) => ({ ...member, size: -1 })],
  ["of half a byte", "manifest-invalid", (member) => ({ ...member, size: 0.5 })],
  ["of size 10^300", "manifest-invalid", (member) => ({ ...member, size: 1e300 })],
  ["of size null", "manifest-invalid", (member) => ({ ...member, size: null })],
  ["with its size as text", "manifest-invalid", (member) => ({ ...member, size: "1" })],
  ["with a mode beyond permissions", "manifest-invalid", (member) => ({ ...member, mode: 0o4755 })],
  ["with a short sum", "manifest-invalid", (member) => ({ ...member, sha256: "abc" })],
  ["with a sum in capitals", "manifest-invalid", (member) => ({ ...member, sha256: "A".repeat(64) })],
  ["with an unknown field", "manifest-invalid", (member) => ({ ...member, link: "/etc/passwd" })],
  ["without a path", "manifest-invalid", ({ path: _, ...rest }) => rest],
  ["that is null", "manifest-invalid", () => null],
  ["with another sum", "wrong-sum", (member) => ({ ...member, sha256: "0".repeat(64) })],
  ["with another size", "wrong-size", (member) => ({ ...member, size: (member.size as number) + 1 })],
];

const fields = ["tool", "created", "source", "container", "image", "clocks", "executables", "semaphores", "members"];

/** The manifest itself is wrong. */
export function manifestMutations(parts: Parts): Mutation[] {
  const { manifest } = parts;
  const entries = entriesOf(parts);
  const with_ = (name: string, expected: RefusalReason, changed: unknown, more: Partial<Mutation> = {}): Mutation => ({
    name: `a manifest ${name}`,
    expected,
    archive: () => zstd(tarOf(changed, entries)),
    ...more,
  });
  const first = (change: Edit[2]) => ({
    ...manifest,
    members: manifest.members.map((member, index) => (index === 0 ? change(member as unknown as LooseManifest) : member)),
  });
  const last = (change: Edit[2]) => ({
    ...manifest,
    members: manifest.members.map((member, index, all) =>
      index === all.length - 1 ? change(member as unknown as LooseManifest) : member,
    ),
  });
  const text = canonicalJson(manifest);
  return [
    ...edits.map(([what, expected, change]) => with_(what, expected, change(manifest))),
    ...members.flatMap(([what, expected, change]) => [
      with_(`with a first member ${what}`, expected, first(change)),
      with_(`with a last member ${what}`, expected, last(change)),
    ]),
    ...fields.map((field) =>
      with_(
        `without ${field}`,
        "manifest-invalid",
        Object.fromEntries(Object.entries(manifest).filter(([key]) => key !== field)),
      ),
    ),
    ...fields.map((field) => with_(`whose ${field} is a number`, "manifest-invalid", { ...manifest, [field]: 7 })),
    with_("that is no JSON", "manifest-not-json", "{"),
    with_("that is empty", "manifest-not-json", ""),
    with_("of binary data", "manifest-not-json", "\0\u0001\u0002"),
    with_("in one line", "manifest-not-canonical", JSON.stringify(manifest)),
    with_("with spaces at its end", "manifest-not-canonical", `${text} `),
    with_("with a field twice", "manifest-not-canonical", text.replace('  "clocks"', '  "clocks": 1,\n  "clocks"')),
    with_("with a number written otherwise", "manifest-not-canonical", text.replace('"format": 1', '"format": 1.0')),
    with_(
      "that claims 2^45 bytes",
      "too-large",
      last((member) => ({ ...member, size: 2 ** 45 })),
    ),
    with_(
      "that claims more than 10,000 times the file",
      "ratio",
      last((member) => ({ ...member, size: 2 ** 43 })),
    ),
    with_(
      "that claims more than there is room",
      "no-room",
      last((member) => ({ ...member, size: 2 ** 43 })),
      { limits: { ratio: Number.POSITIVE_INFINITY } },
    ),
    with_(
      "of a record of 2^30 bytes",
      "too-large",
      first((member) => ({ ...member, size: 2 ** 30 })),
    ),
    {
      name: "a manifest of 9 MiB",
      expected: "manifest-too-large",
      archive: () => zstd(tarOf(" ".repeat(9 * 2 ** 20), entries)),
    },
    { name: "an archive of its manifest only", expected: "missing-member", archive: () => zstd(tarOf(manifest, [])) },
    { name: "an archive without members", expected: "manifest-missing", archive: () => zstd(rawTar([])) },
  ];
}
