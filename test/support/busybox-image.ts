import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { dockerProgram } from "../../lab/docker.ts";
import type { LabMachine } from "../../lab/machines.ts";

/** A web server of one static program, which serves its root folder at port 8080. */
const command = 'CMD ["/busybox","sh","-c","echo started >> /starts; exec /busybox httpd -f -p 8080 -h /"]';
const busybox = "/usr/bin/busybox";

/** Makes the image for this machine's Docker. @returns its name */
export async function makeBusyboxImage(): Promise<string> {
  const name = "migrate-container/busybox:1";
  const archive = await execa("tar", ["--create", "--directory", "/usr/bin", "busybox"], { encoding: "buffer" });
  await execa(dockerProgram, ["import", "--change", command, "-", name], { input: archive.stdout });
  return name;
}

/** Makes the same for a machine of the lab, of its own busybox, and hands it over as a file of `docker save`. */
export async function archiveBusyboxImage(
  machine: LabMachine,
  platform: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "image-"));
  const path = join(folder, "image.tar");
  const name = "migrate-container/busybox-there:1";
  const script = `set -e; ${busybox} tar -c -C /usr/bin busybox | docker import --platform ${platform} --change '${command}' - ${name} >/dev/null
    docker save ${name}; docker image rm ${name} >/dev/null`;
  await execa("ssh", ["-F", machine.sshConfig, machine.name, script], { stdout: { file: path } });
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
