import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { criuForTests } from "../../criu/testing/criu.ts";

/** What stands before a program so that it runs with the glibc that `copyNewestGlibc` has put into its container. */
export const withNewestGlibc = ["/glibc/ld.so", "--library-path", "/glibc:/usr/lib/x86_64-linux-gnu"] as const;

/** Copies the glibc of Debian's newest release, on which the CRIU bundle runs, into a container's root file system. */
export async function copyNewestGlibc(root: string): Promise<void> {
  const { binDirectory } = await criuForTests();
  const prefix = join(binDirectory, "..", "prefix", "usr");
  const libraries = join(prefix, "lib", "x86_64-linux-gnu");
  await cp(join(prefix, "lib64", "ld-linux-x86-64.so.2"), join(root, "glibc", "ld.so"), { dereference: true });
  for (const name of (await readdir(libraries)).filter((file) => /^lib(c|m|dl|pthread|rt|util)\.so\.\d+$/.test(file))) {
    await cp(join(libraries, name), join(root, "glibc", name), { dereference: true });
  }
}
