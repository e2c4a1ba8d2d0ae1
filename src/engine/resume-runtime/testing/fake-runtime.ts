import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quoteWord } from "../../../host/quote.ts";
import { type BundleEdit, bundleEditScript } from "../bundle-edit.ts";
import { clocksFile } from "../clocks.ts";
import { bundleEditFile, type ResumeFolders, wrapperScript } from "../wrapper.ts";

export interface RuntimeCall {
  readonly arguments: readonly string[];
  readonly exitCode: number | null;
  readonly output: string;
}

/** The wrapper around a program that only notes how it is called, in a folder that goes with the test's scope. */
export class FakeRuntime implements AsyncDisposable {
  readonly folder: string;
  readonly folders: ResumeFolders;
  readonly bundle: string;
  readonly #shell: readonly string[];

  private constructor(folder: string, shell: readonly string[]) {
    this.folder = folder;
    const place = join(folder, "a place");
    const path = (name: string) => join(place, name);
    this.folders = { pending: path("pending"), resumed: path("resumed"), clocks: path("clocks"), makers: path("makers") };
    this.bundle = join(folder, "bundle");
    this.#shell = shell;
  }

  /** @param shell what runs the script, e.g. `["busybox", "sh"]` */
  static async create(shell: readonly string[], config: string): Promise<FakeRuntime> {
    const runtime = new FakeRuntime(await mkdtemp(join(tmpdir(), "runtime-")), shell);
    await mkdir(runtime.folders.pending, { recursive: true });
    await mkdir(runtime.bundle);
    await writeFile(join(runtime.bundle, "config.json"), config, { mode: 0o600 });
    const clocks = quoteWord(join(runtime.folder, "offsets"));
    const program = `#!/bin/sh\nprintf '%s\\0' "$@" >"$FAKE_NOTE"\ncat /proc/self/timens_offsets >${clocks}\necho output\nexit "$FAKE_STATUS"\n`;
    await writeFile(join(runtime.folder, "the runtime"), program, { mode: 0o755 });
    await writeFile(join(runtime.folder, "wrapper"), wrapperScript(join(runtime.folder, "the runtime"), runtime.folders));
    return runtime;
  }

  /** Makes the wrapper one around another program, which prints `other`. */
  async exchange(): Promise<void> {
    const other = join(this.folder, "other runtime");
    await writeFile(other, `#!/bin/sh\nprintf '%s\\0' "$@" >"$FAKE_NOTE"\necho other\n`, { mode: 0o755 });
    await writeFile(join(this.folder, "wrapper"), wrapperScript(other, this.folders));
  }

  /** Puts a resume in place, as the tool does. @param clocks the source's, in the form of the clocks file */
  async makePending(edit: BundleEdit, clocks?: string): Promise<void> {
    const folder = join(this.folders.pending, edit.containerId);
    await mkdir(folder);
    await writeFile(join(folder, bundleEditFile), bundleEditScript(edit, this.folders));
    await writeFile(join(folder, "status"), "");
    if (clocks !== undefined) await writeFile(join(folder, clocksFile), clocks);
  }

  async config(): Promise<unknown> {
    return JSON.parse(await readFile(join(this.bundle, "config.json"), "utf8"));
  }

  /** Offsets of the time namespace in which the program was called last, in seconds: of CLOCK_MONOTONIC, of CLOCK_BOOTTIME. */
  async offsets(): Promise<number[]> {
    const text = await readFile(join(this.folder, "offsets"), "utf8");
    return [...text.matchAll(/^(?:monotonic|boottime) +(-?\d+) +0$/gm)].map(([, seconds]) => Number(seconds));
  }

  /** The begin of a command that runs another where the kernel's files tell of other clocks. */
  async withClocks(timerList: string, uptime: string): Promise<readonly string[]> {
    await writeFile(join(this.folder, "timer_list"), timerList);
    await writeFile(join(this.folder, "uptime"), uptime);
    const script = 'mount --bind "$1/timer_list" /proc/timer_list; mount --bind "$1/uptime" /proc/uptime; shift; exec "$@"';
    return ["unshare", "--mount", "sh", "-euc", script, "sh", this.folder];
  }

  /** Calls the wrapper. @param prefix a command that starts the shell: `["unshare", "--mount"]` */
  async call(words: readonly string[], { status = 0, prefix = [] as readonly string[] } = {}): Promise<RuntimeCall> {
    const command = [...prefix, ...this.#shell, join(this.folder, "wrapper"), ...words];
    // Several may be under way at once.
    const note = join(this.folder, `called-${crypto.randomUUID()}`);
    const child = spawn(command[0]!, command.slice(1), {
      cwd: this.bundle,
      env: { ...process.env, FAKE_STATUS: String(status), FAKE_NOTE: note },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [output, exitCode] = await Promise.all([
      child.stdout
        .setEncoding("utf8")
        .toArray()
        .then((parts) => parts.join("")),
      new Promise<number | null>((resolve) => child.on("exit", resolve)),
    ]);
    const called = await readFile(note, "utf8");
    return { arguments: called.split("\0").slice(0, -1), exitCode, output };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
