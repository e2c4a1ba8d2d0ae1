import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type BundleConfig, dockerConfig } from "./docker-config.ts";
import { eventually } from "./eventually.ts";

const run = promisify(execFile);

export interface ContainerOptions extends Omit<BundleConfig, "id" | "root"> {
  /** The root file system of another container, to be used by this one too. Default: one of its own. */
  readonly root?: string;
  /** Whether the container's own root is left empty. */
  readonly emptyRoot?: boolean;
}

/**
 * A container with namespaces of its own, configured as Docker does it, whose root file system shows this machine's
 * programs. Its standard descriptors are `/dev/null` and a pipe, as an engine's are; it is gone when it is disposed of.
 */
export class RuncContainer implements AsyncDisposable {
  readonly id = randomBytes(32).toString("hex");
  /** A folder of its own, in which a test may put what it likes. */
  readonly directory: string;
  readonly root: string;
  /** The OCI runtime; may be changed. */
  runtime = "runc";

  private constructor(directory: string, root: string | undefined) {
    this.directory = directory;
    this.root = root ?? join(directory, "root");
  }

  static async create({ root, emptyRoot = false, ...config }: ContainerOptions): Promise<RuncContainer> {
    const container = new RuncContainer(await mkdtemp(join(tmpdir(), "resume-")), root);
    if (root === undefined && !emptyRoot) await makeRoot(container.root);
    await mkdir(container.path("bundle"));
    await writeFile(container.path("bundle", "config.json"), dockerConfig({ ...config, id: container.id, root: container.root }));
    return container;
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  /** Reads a file of the container. @throws Error when there is none */
  async read(path: string): Promise<string> {
    return await readFile(join(this.root, path), "utf8");
  }

  /** What the container has written to its standard output and error. */
  async output(): Promise<string> {
    return await readFile(this.path("output"), "utf8").catch(() => "");
  }

  async start(): Promise<void> {
    await this.#callWithPipes({}, "create", "--bundle", this.path("bundle"), this.id);
    await this.call("start", this.id);
  }

  /** Starts the container, which must not exist, from its last dump. @param criuDirectory where the program `criu` is */
  async restore(criuDirectory: string): Promise<void> {
    const folders = ["--bundle", this.path("bundle"), "--image-path", this.path("images"), "--work-path", this.path("criu")];
    const path = `${criuDirectory}:${process.env.PATH}`;
    await this.#callWithPipes({ PATH: path }, "restore", "--detach", "--tcp-established", "--file-locks", ...folders, this.id);
  }

  /** Calls the runtime. @returns standard output */
  async call(...words: readonly string[]): Promise<string> {
    return await this.callWith({}, ...words);
  }

  /** As `call`, with environment variables of its own. */
  async callWith(environment: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<string> {
    const env = { ...process.env, ...environment };
    return (await run(this.runtime, ["--root", this.path("state"), ...words], { env, timeout: 60_000 })).stdout;
  }

  /** Freezes it. runc 1.1 gives up on a busy machine ("unable to freeze"). */
  async pause(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.call("pause", this.id);
        return;
      } catch (error) {
        if (attempt === 5 || !String(error).includes("unable to freeze")) throw error;
      }
    }
  }

  /** The container's first process, as this machine counts; 0 when it has ended. */
  async pid(): Promise<number> {
    const { pid, status } = JSON.parse(await this.call("state", this.id)) as { readonly pid: number; readonly status: string };
    return status === "stopped" ? 0 : pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.call("delete", "--force", this.id).catch(() => {});
    await rm(this.directory, { recursive: true, force: true });
  }

  /** CRIU can't dump a process whose standard files are outside of its container, but for pipes; and Node.js makes sockets. */
  async #callWithPipes(environment: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<void> {
    const script = `status=$1 output=$2; shift 2; { "$@" 3>&-; echo $? >&3; } 3>"$status" </dev/null 2>&1 | cat >>"$output"`;
    const command = [this.runtime, "--root", this.path("state"), ...words];
    await rm(this.path("status"), { force: true });
    const child = spawn("sh", ["-c", script, "sh", this.path("status"), this.path("output"), ...command], {
      stdio: "ignore",
      detached: true,
      env: { ...process.env, ...environment },
    });
    child.unref();
    const status = await eventually("the container", async () => (await readFile(this.path("status"), "utf8")).trim());
    if (status !== "0") throw new Error(`the runtime ended with status ${status}: ${await this.output()}`);
  }
}

async function makeRoot(root: string): Promise<void> {
  for (const folder of ["dev", "proc", "sys", "usr", "etc", "tmp"]) await mkdir(join(root, folder), { recursive: true });
  for (const name of ["bin", "lib", "lib64"]) await symlink(`usr/${name}`, join(root, name));
  await cp("/etc/ld.so.cache", join(root, "etc/ld.so.cache"));
}
