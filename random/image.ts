import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { dockerProgram } from "../lab/docker.ts";

/** A name of its own, as each run's containers have: `docker import` makes another image each time. */
export const image = `migrate-container/random:${process.pid}`;
const counter = fileURLToPath(new URL("../faults/counter.c", import.meta.url));

/** Any user may count. */
const script = `
gcc -static -O1 -o counter "$1"
cp /usr/bin/busybox busybox
mkdir -p etc image/folder/deep image/old image/empty
printf 'root:x:0:0::/:\\napp:x:1234:1234::/:\\n' >etc/passwd
printf 'root:x:0:\\napp:x:1234:\\n' >etc/group
: >count; chmod 0666 count
for file in file linked set-user-id folder/one folder/deep/two old/three; do printf "$file" >image/$file; done
ln image/linked image/linked-too; ln -s folder/one image/symlink; chmod 4755 image/set-user-id
`;

/** Makes the image of the random containers: a program that counts, and files that are changed later. */
export async function buildImage(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "random-image-"));
  try {
    await execa("sh", ["-euc", script, "sh", counter], { cwd: folder });
    const tar = ["--create", "--sort=name", "--owner=0", "--group=0", "--mtime=@1000000000", "--directory", folder, "."];
    const { stdout: input } = await execa("tar", tar, { encoding: "buffer" });
    await execa(dockerProgram, ["import", "--change", 'CMD ["/counter"]', "-", image], { input });
  } finally {
    await rm(folder, { recursive: true });
  }
}
