import { dirname, join } from "node:path";
import { runtimeLibrariesFolder } from "../../criu/bundle/wrapper.ts";
import { dumpConfiguration, dumpConfigurationVariable } from "../../criu/dump-configuration.ts";
import { writeSumsScript } from "../../criu/images/image-sums.ts";
import { MigrationError } from "../../errors.ts";
import { isFrozen } from "./cgroup.ts";
import { dumpFailure } from "./dump-errors.ts";
import { type DumpSettings, logOfLevel, runtimeOptions } from "./dump-settings.ts";
import type { DockerEngine } from "./engine.ts";

export interface DumpOptions extends DumpSettings {
  /** Where CRIU's images go, on the container's machine; made with mode 0700, for they hold the processes' memory. */
  readonly imageDirectory: string;
  /** Where CRIU's `dump.log` goes; made with mode 0700. */
  readonly workDirectory: string;
  /** The directory with the program `criu` that the runtime shall use. */
  readonly criuBinDirectory: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Dumps the processes of a frozen container with CRIU and leaves it frozen.
 * @throws MigrationError `container-not-running` when it is not frozen, `dump-failed`, `incompatible`, `criu-missing`, `cancelled`
 */
export async function dump(engine: DockerEngine, id: string, options: DumpOptions): Promise<void> {
  const { host } = engine;
  const record = await engine.inspect(id);
  const pid = record.State.Pid;
  if (!record.State.Paused) {
    throw new MigrationError("container-not-running", `container \`${id}\` is not frozen: it must be while it is dumped`, {
      host: host.name,
    });
  }
  const runtime = await engine.runtimeState(record);
  const { imageDirectory, workDirectory, criuBinDirectory, signal } = options;
  await host.script(
    'umask 077; mkdir -p "$1" "$2"; chmod 0700 "$1" "$2"; printf %s "$3" >"$2/criu.conf"',
    [...[imageDirectory, workDirectory, dumpConfiguration]],
    { signal },
  );
  if ((await host.run(["test", "-x", `${criuBinDirectory}/criu`])).exitCode !== 0) {
    throw new MigrationError("criu-missing", `there is no program \`${criuBinDirectory}/criu\``, { host: host.name });
  }
  // The container's own network stays as it is: the connections' packets are dropped until the thaw.
  const command = [
    ...[runtime.program, "--root", runtime.root, "checkpoint", "--leave-running", ...runtimeOptions(options)],
    ...["--image-path", imageDirectory, "--work-path", workDirectory, record.Id],
  ];
  // Not to be cancelled: a CRIU that is killed leaves code of its own in the processes, which they would run into (criu.org, Parasite code).
  const result = await host.run([
    ...[
      "sh",
      "-c",
      // Debian's crun is made for libcriu, which it does not ask apt for; the bundle has it.
      `PATH=$1:$PATH ${dumpConfigurationVariable}=$2; export PATH ${dumpConfigurationVariable}
       if [ -d "$3" ]; then LD_LIBRARY_PATH=$3; export LD_LIBRARY_PATH; fi; shift 3; exec "$@"`,
    ],
    ...[
      "sh",
      criuBinDirectory,
      `${workDirectory}/criu.conf`,
      join(dirname(criuBinDirectory), runtimeLibrariesFolder),
      ...command,
    ],
  ]);
  const frozen = await isFrozen(host, pid);
  if (result.exitCode !== 0) {
    const log = await host.run(["cat", `${workDirectory}/dump.log`]);
    throw dumpFailure(host.name, id, log.stdout, result.stderr, frozen, logOfLevel(log.stdout, options.logLevel ?? 0));
  }
  if (!frozen) {
    throw new MigrationError("dump-failed", `container \`${id}\` ran on while it was dumped, so the dump may be torn`, {
      host: host.name,
    });
  }
  await host.script(writeSumsScript, [imageDirectory], { signal });
}
