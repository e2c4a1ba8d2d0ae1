import { type Command, Option } from "commander";
import { type Compression, compressions } from "../../checkpoint/compressions.ts";
import type { CheckpointTaken } from "../../checkpoint/take/take-checkpoint.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { formatDuration } from "../format/duration.ts";
import { toJson } from "../format/json.ts";
import { noteLines } from "../output/summary.ts";
import type { CommandWork } from "../run-command.ts";
import { type Look, readSessionConfiguration, type Session } from "../session.ts";
import type { RunWork } from "./run-work.ts";
import { configOption, jsonOption } from "./shared-options.ts";

const examples = `
Examples:
  $ migrate-container checkpoint web --output web.ckpt
  $ migrate-container checkpoint web -o web.ckpt.age --encrypt age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
  $ migrate-container checkpoint web -o web.ckpt --with-image --stop

The archive holds the memory of the processes, with all their secrets: it is for its owner only, and may be encrypted.
Exit status: 0 written, 1 failed, 2 wrong usage, 3 impossible, 130 interrupted; unless it is 0, the container goes on.`;

interface CheckpointOptions {
  readonly output?: string;
  readonly config?: string;
  readonly leaveRunning?: true;
  readonly stop?: true;
  readonly encrypt: readonly string[];
  readonly withImage?: true;
  readonly compress: Compression;
}

export function addCheckpointCommand(program: Command, runWork: RunWork): void {
  program
    .command("checkpoint")
    .summary("write the state of a running container to a file")
    .description(
      "Writes the state of a running container to one file: memory, open files, writable layer, configuration. The container is frozen " +
        "while it is copied, and goes on then.",
    )
    .argument(
      "<container>",
      "name or id of a running container of this machine; if both Docker and Podman have it, docker:NAME or podman:NAME",
    )
    .option(
      "-o, --output <file>",
      "the file to write; there must be nothing yet (default: one in the configuration's checkpoint_dir)",
    )
    .addOption(
      new Option("--leave-running", "let the container go on afterwards (the default, unless configured)").conflicts("stop"),
    )
    .option("--stop", "stop the container for good once the file is written")
    .option(
      "--encrypt <recipient>",
      "encrypt for this age recipient (age1…); may be repeated",
      (recipient: string, recipients: readonly string[]) => [...recipients, recipient],
      [] as readonly string[],
    )
    .option("--with-image", "put the container's image into the file too")
    .addOption(new Option("--compress <method>", "how to compress").choices(compressions).default("zstd"))
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (container: string, options: CheckpointOptions, command: Command) => {
      await runWork(command, checkpointWork(container, options));
    });
}

function checkpointWork(container: string, options: CheckpointOptions): CommandWork {
  let frozen = false;
  return {
    failure: "No checkpoint",
    stateAfterFailure: ["The container goes on as before, and nothing was written."],
    onInterrupt: () => "ending. The container goes on, and what was written so far is removed.",
    leftBehind: () => (frozen ? [`${container} may still be frozen. Run this now: migrate-container recover ${container}`] : []),
    run: (session) =>
      runCheckpoint(container, options, session, (isFrozen) => {
        frozen = isFrozen;
      }),
  };
}

async function runCheckpoint(
  container: string,
  { output, leaveRunning, stop, encrypt, withImage, compress, config }: CheckpointOptions,
  session: Session,
  tellFrozen: (isFrozen: boolean) => void,
): Promise<ExitCode> {
  const { library, json, print, progress, signal, outputLook } = session;
  const taken = await library.takeCheckpoint({
    container,
    output,
    stop: stop ?? (leaveRunning === true ? false : undefined),
    configuration: await readSessionConfiguration(session, config),
    withImage: withImage === true,
    compression: compress,
    recipients: encrypt,
    signal,
    onEvent: (event) => {
      if (event.type === "step-started" && event.step === "freeze") tellFrozen(true);
      if (event.type === "step-finished" && (event.step === "thaw" || event.step === "stop")) tellFrozen(false);
      progress.onEvent(event);
    },
  });
  progress.close();
  print(json ? [toJson(taken, 2)] : takenLines(taken, outputLook));
  return exitCodes.done;
}

const states = { running: "it goes on", frozen: "it is frozen, as it was before", stopped: "it is stopped for good" } as const;

function takenLines(taken: CheckpointTaken, look: Look): string[] {
  const { container, checkpointPath, sizes, processes, threads, containerState, frozenMs, totalMs, encrypted, notes } = taken;
  const { style, symbols } = look;
  const what = `${count(processes, "process", "processes")}, ${count(threads, "thread")}`;
  return [
    style.green(`${symbols.tick} ${container} is in ${checkpointPath}`),
    `  Holds   ${what}, ${formatBytes(sizes.memory)} of memory, ${formatBytes(sizes.upper)} of files`,
    `  File    ${formatBytes(sizes.archive)}${encrypted ? ", encrypted" : ", not encrypted: it holds the secrets of the processes"}`,
    `  Frozen  ${formatDuration(frozenMs)}; ${states[containerState]}`,
    `  Total   ${formatDuration(totalMs)}`,
    ...noteLines(notes, look),
  ];
}
