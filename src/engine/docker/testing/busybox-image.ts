import { accessSync, constants } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pack } from "tar-stream";
import type { DockerEngine } from "../engine.ts";

/** The static busybox of this machine (Debian's package busybox-static). */
function busyboxPath(): string {
  for (const directory of (process.env.PATH ?? "").split(":").concat("/bin")) {
    const path = join(directory, "busybox");
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  throw new Error("the tests need busybox: apt-get install busybox-static");
}

const applets = [
  "sh",
  "sleep",
  "cat",
  "echo",
  "ls",
  "stat",
  "rm",
  "mkdir",
  "ln",
  "chown",
  "mv",
  "dd",
  "id",
  "env",
  "true",
  "tail",
  "sync",
];

/** An archive of a root file system with busybox and the given files. */
export async function busyboxArchive(files: Readonly<Record<string, string | Buffer>> = {}): Promise<Readable> {
  const archive = pack();
  archive.entry({ name: "bin/busybox", mode: 0o755 }, await readFile(busyboxPath()));
  for (const applet of applets) archive.entry({ name: `bin/${applet}`, type: "symlink", linkname: "busybox" });
  for (const directory of ["tmp", "etc", "var"]) archive.entry({ name: directory, type: "directory", mode: 0o755 });
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content);
  archive.finalize();
  return archive as unknown as Readable;
}

/** Makes an image of one layer. @returns its id */
export async function makeBusyboxImage(
  engine: DockerEngine,
  name: string,
  files?: Readonly<Record<string, string | Buffer>>,
): Promise<string> {
  const archive = await busyboxArchive(files);
  const answer = await text(
    (await engine.client.importImage(archive, { repo: name, tag: "test", changes: ['CMD ["sh"]'] })) as Readable,
  );
  if (answer.includes('"error"')) throw new Error(answer);
  return (await engine.inspectImage(`${name}:test`)).Id;
}

/** Makes an image on top of another one, with what a command wrote. @returns its id */
export async function addLayer(engine: DockerEngine, base: string, name: string, command: string): Promise<string> {
  const container = await engine.client.createContainer({ Image: base, Cmd: ["sh", "-c", command] });
  await container.start();
  await container.wait();
  const { Id: id } = await container.commit({ repo: name, tag: "test" });
  await container.remove();
  return id;
}
