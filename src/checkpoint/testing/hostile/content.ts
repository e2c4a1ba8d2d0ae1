import { contentOf, entriesOf, type Parts, sha256, tarOf, withContent, zstd } from "../parts.ts";
import type { Mutation } from "./mutation.ts";

/** Records and images whose sums are right, but which are not what they must be. */
export function contentMutations(parts: Parts): Mutation[] {
  return [...records(parts), ...images(parts), ...executables(parts)];
}

function changed(parts: Parts, name: string, content: Buffer): Buffer {
  const other = withContent(parts, name, content);
  return zstd(tarOf(other.manifest, entriesOf(other)));
}

function records(parts: Parts): Mutation[] {
  const container = JSON.parse(contentOf(parts, "container.json").toString()) as Record<string, unknown>;
  const image = JSON.parse(contentOf(parts, "image.json").toString()) as Record<string, unknown>;
  const config = container.Config as object;
  const host = container.HostConfig as object;
  const containers: readonly (readonly [string, unknown])[] = [
    ["of another container", { ...container, Id: "0".repeat(64) }],
    ["of another name", { ...container, Name: "/other" }],
    ["of another image", { ...container, Image: `sha256:${"0".repeat(64)}` }],
    ["with a name that leads out", { ...container, Name: "/../../etc" }],
    ["without a configuration", { ...container, Config: null }],
    ["without a host configuration", { ...container, HostConfig: undefined }],
    ["that is a list", [container]],
    ["with a command of numbers", { ...container, Config: { ...config, Cmd: [1, 2] } }],
    ["with an environment that is text", { ...container, Config: { ...config, Env: "PATH=/evil" } }],
    ["with binds that are objects", { ...container, HostConfig: { ...host, Binds: [{ evil: true }] } }],
    ["with mounts that are none", { ...container, Mounts: ["/etc"] }],
    ["with a mount at no path", { ...container, Mounts: [{ Type: "bind", Source: "/", Destination: "etc" }] }],
  ];
  const imageRecords: readonly (readonly [string, unknown])[] = [
    ["of another image", { ...image, Id: `sha256:${"0".repeat(64)}` }],
    ["with other layers", { ...image, RootFS: { Type: "layers", Layers: [] } }],
    ["that is null", null],
  ];
  const mutation = (member: string, what: string, content: Buffer): Mutation => ({
    name: `${member} ${what}`,
    expected: "record-invalid",
    archive: () => changed(parts, member, content),
  });
  return [
    ...containers.map(([what, value]) => mutation("container.json", what, Buffer.from(JSON.stringify(value)))),
    ...imageRecords.map(([what, value]) => mutation("image.json", what, Buffer.from(JSON.stringify(value)))),
    ...["container.json", "image.json"].flatMap((member) => [
      mutation(member, "that is no JSON", Buffer.from("{")),
      mutation(member, "that is empty", Buffer.alloc(0)),
    ]),
  ];
}

/** Every image is changed by one bit, and cut short. The manifest knows, SHA256SUMS doesn't; where it does, the image says so itself. */
function images(parts: Parts): Mutation[] {
  const names = parts.parts.map(({ name }) => name).filter((name) => name.startsWith("images/"));
  const ofSize = names.filter((name) => contentOf(parts, name).length > 8);
  const flipped = (name: string) => {
    const copy = Buffer.from(contentOf(parts, name));
    copy[copy.length - 1]! ^= 1;
    return copy;
  };
  const summed = ofSize.filter((name) => !/pages-\d+\.img$|SHA256SUMS$/.test(name));
  const pages = ofSize.filter((name) => /pages-\d+\.img$/.test(name));
  return [
    ...summed.map(
      (name): Mutation => ({
        name: `${name} with another bit`,
        expected: "image-corrupt",
        archive: () => changed(parts, name, flipped(name)),
      }),
    ),
    ...[...summed.slice(0, 5), ...pages].map(
      (name): Mutation => ({
        name: `${name} cut short`,
        expected: "image-corrupt",
        archive: () => changed(parts, name, contentOf(parts, name).subarray(0, -5)),
      }),
    ),
    {
      name: "sums that are none",
      expected: "image-corrupt",
      archive: () => changed(parts, "images/SHA256SUMS", Buffer.from("x\n")),
    },
    { name: "no sums", expected: "image-corrupt", archive: () => changed(parts, "images/SHA256SUMS", Buffer.alloc(0)) },
    { name: "an image more than there are sums", expected: "image-corrupt", archive: () => added(parts, "images/core-99.img") },
  ];
}

function added({ manifest, parts }: Parts, path: string): Buffer {
  const content = contentOf({ manifest, parts }, "images/pstree.img");
  const member = { path, size: content.length, mode: 0o600, sha256: sha256(content) };
  const other = { ...manifest, members: [...manifest.members, member] };
  return zstd(tarOf(other, [...entriesOf({ manifest, parts }), { name: path, content }]));
}

/** A program under the sum of another. */
function executables(parts: Parts): Mutation[] {
  const names = parts.parts.map(({ name }) => name).filter((name) => name.startsWith("executables/"));
  return names.map((name) => ({
    name: `${name.slice(0, 20)}… is another program`,
    expected: "wrong-sum",
    archive: () => changed(parts, name, Buffer.from("\x7fELF evil")),
  }));
}
