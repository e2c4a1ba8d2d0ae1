import { execa } from "execa";
import { dockerProgram } from "../../lab/docker.ts";

/** Every Debian has it, and its `syscall` reaches what no shell does. */
const perl = "/usr/bin/perl";

/** Makes an image of this machine's perl with the libraries that it is linked with, and nothing else. */
export async function makePerlImage(name: string): Promise<void> {
  const { stdout } = await execa("ldd", [perl]);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
  const paths = [perl, ...libraries].map((path) => path.slice(1));
  const archive = execa("tar", ["--create", "--dereference", "--directory=/", ...paths], { encoding: "buffer" });
  await archive.pipe(dockerProgram, ["import", "-", name]);
}

/** The arguments that run a script which tells when it is ready, and then waits. */
export function perlProgram(script: string): string[] {
  return ["perl", "-e", `${script}; $| = 1; print "ready\\n"; sleep 1000 while 1`];
}
