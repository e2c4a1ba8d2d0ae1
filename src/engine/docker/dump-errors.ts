import { MigrationError } from "../../errors.ts";

const known: readonly { readonly words: RegExp; readonly remedy: string }[] = [
  {
    words: /Can't get \d+:\d+ opt: Operation not supported/,
    remedy: "This CRIU is too old for the kernel (6.16 and later need CRIU 4.2): install a newer one.",
  },
  {
    words: /Can't get rlimit|PTRACE_SEIZE.*not permitted|Unable to interrupt task.*not permitted/i,
    remedy: "CRIU lacks capabilities here: run as root with CAP_SYS_ADMIN, CAP_SYS_PTRACE and CAP_SYS_RESOURCE.",
  },
  {
    words: /Can't lookup mount=\d+ for fd=-?\d+ path=/,
    remedy:
      "A process uses a file outside of its container (such as an emulator that binfmt_misc's F flag opened): this cannot be dumped.",
  },
  {
    words: /External socket is used|unix socket.*external|Can't dump half of stream unix connection/i,
    remedy: "A process holds a unix socket whose other end is outside of the container: close that connection first.",
  },
  {
    words: /io_uring|anon_inode:\[io_uring\]/,
    remedy: "The program uses io_uring, which CRIU cannot dump: switch it off in the program's configuration.",
  },
  {
    words: /packet socket|PF_PACKET|Unsupported proto|Can't dump.*socket.*proto/i,
    remedy: "The program holds a socket of a kind that CRIU cannot dump: end that function of the program first.",
  },
  {
    words: /unlinked.*(?:ghost|link)|ghost file.*(?:limit|size)/i,
    remedy: "The program holds a large deleted file open: let it close the file first.",
  },
  {
    words: /Unaccessible path opened/,
    remedy:
      "A process has a file open whose name belongs to another file by now, while it has another name: let it close the file first.",
  },
  {
    words: /packetized mode for pipes|The packetized/i,
    remedy: "A process has a pipe in packet mode (O_DIRECT) open, which CRIU cannot dump.",
  },
  {
    words: /ctty inheritance detected/,
    remedy: "A process has /dev/tty open, and another one the terminal that it means: CRIU can't dump that.",
  },
  {
    words: /No space left on device/,
    remedy: "Make room on that file system, or choose another work folder.",
  },
  {
    words: /compat|32-bit|ia32/i,
    remedy: "A process is a 32-bit program; only 64-bit programs can be dumped.",
  },
];

/**
 * A process that starts another one waits within vfork until that one executes its program; both frozen in between, CRIU can't stop the
 * first ("Unseizable non-zombie …, state D" after ten seconds). A connection that waits to be accepted can't be dumped either
 * ("In-flight connection", criu/sk-inet.c). A moment later both are over.
 */
const transient = /Unseizable non-zombie|In-flight connection/;

const shownLines = 6;

/**
 * @param log the text of CRIU's dump.log, empty when there is none
 * @param stderr what the runtime said
 * @param frozen whether the container is still frozen
 * @param told lines of the log for the error's details
 */
export function dumpFailure(
  host: string,
  id: string,
  log: string,
  stderr: string,
  frozen: boolean,
  told: readonly string[] = [],
): MigrationError {
  const errors = log
    .split("\n")
    .filter((line) => /\bError \(/.test(line) && !line.includes("Can't setup RLIMIT_NOFILE for self"))
    .map((line) => line.replace(/^\(\d+\.\d+\)\s*(\d+:\s*)?/, "").trim());
  const lines = errors.length > 0 ? errors.slice(0, shownLines) : [stderr.trim().split("\n").at(-1) ?? ""];
  if (errors.length === 0 && /criu.*(?:not found|no such file)/i.test(stderr)) {
    return new MigrationError("criu-missing", `the container runtime did not find CRIU: ${lines.join(" ")}`, { host });
  }
  const remedy = known.find(({ words }) => words.test(errors.join("\n")))?.remedy;
  return new MigrationError("dump-failed", `CRIU could not dump container \`${id}\`: ${lines.join("; ")}`, {
    host,
    ...(remedy === undefined ? {} : { remedy }),
    details: {
      errors,
      stderr: stderr.trim(),
      stillFrozen: frozen,
      transient: transient.test(errors.join("\n")),
      ...(told.length === 0 ? {} : { log: told }),
    },
  });
}
