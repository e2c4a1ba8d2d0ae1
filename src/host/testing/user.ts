import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/** A user of this machine, who has no password and can log in with a key. */
export interface TestUser extends AsyncDisposable {
  readonly name: string;
  /**
   * Says what sudo lets the user do.
   * @param privileges of the user, in sudoers(5)'s words: `ALL=(ALL:ALL) NOPASSWD: ALL`
   * @param lines others of the same file
   */
  allow(privileges: readonly string[], lines?: readonly string[]): Promise<void>;
}

/** @param groups others than the user's own */
export async function makeUser(groups: readonly string[] = []): Promise<TestUser> {
  const name = `mc-test-${randomBytes(4).toString("hex")}`;
  const sudoers = join("/etc/sudoers.d", name);
  // "*" is no password's hash. "!", which useradd writes by itself, is a locked account to sshd.
  await execa("useradd", ["--create-home", "--shell", "/bin/sh", "--password", "*", "--groups", groups.join(","), name]);
  return {
    name,
    async allow(privileges, lines = []) {
      const all = [...privileges.map((privilege) => `${name} ${privilege}`), ...lines];
      await writeFile(sudoers, all.map((line) => `${line}\n`).join(""), { mode: 0o440 });
    },
    async [Symbol.asyncDispose]() {
      await rm(sudoers, { force: true });
      // By force: processes of a connection that was cut may be left.
      await execa("userdel", ["--force", "--remove", name]);
    },
  };
}
