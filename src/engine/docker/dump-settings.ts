/** How a dump is made, apart from where it goes. */
export interface DumpSettings {
  /** Whether established TCP connections may be dumped. Default: true. */
  readonly tcpEstablished?: boolean | undefined;
  /** Whether processes may be of a session that was begun outside of the container. Default: false. */
  readonly shellJob?: boolean | undefined;
  /** Whether unix sockets may have a peer outside of the container. Default: false. */
  readonly externalUnixSockets?: boolean | undefined;
  /** Whether file locks may be dumped. Default: true. */
  readonly fileLocks?: boolean | undefined;
  /**
   * How much of CRIU's log `details.log` of a `dump-failed` has: 1 errors, 2 warnings too, 3 and 4 all. Default: 0, nothing.
   * (What CRIU writes is not ours to choose: runtimes ask it for level 4, which counts more than its configuration files: criu/cr-service.c,
   * setup_logging_from_req.)
   */
  readonly logLevel?: 0 | 1 | 2 | 3 | 4 | undefined;
}

/** The options of `runc checkpoint`, which crun has too. */
export function runtimeOptions({
  tcpEstablished = true,
  shellJob,
  externalUnixSockets,
  fileLocks = true,
}: DumpSettings): string[] {
  return [
    ...(tcpEstablished ? ["--tcp-established"] : []),
    ...(shellJob ? ["--shell-job"] : []),
    ...(externalUnixSockets ? ["--ext-unix-sk"] : []),
    ...(fileLocks ? ["--file-locks"] : []),
  ];
}

const longestLog = 200;

/** The last lines of CRIU's log that are of this level. */
export function logOfLevel(log: string, level: NonNullable<DumpSettings["logLevel"]>): string[] {
  // CRIU marks only errors and warnings (criu/log.c, print_on_level).
  const marked = /^(\(\d+\.\d+\)\s*)?(\d+:\s*)?(Error|Warn) +\(/;
  const isWanted = (line: string) =>
    level > 2 || (marked.exec(line)?.[3] === "Error" ? level > 0 : level > 1 && marked.test(line));
  return log
    .split("\n")
    .filter((line) => line !== "" && level > 0 && isWanted(line))
    .slice(-longestLog);
}
