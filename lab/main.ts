import { spawnSync } from "node:child_process";
import { MigrationError, messageOf } from "../src/errors.ts";
import { progress } from "./command.ts";
import { ensureImage, imageNames, isImageName } from "./images.ts";
import { runningState, sshParameters } from "./machine-state.ts";
import { ensureMachine, machines, stopMachine } from "./machines.ts";
import { sshConfigFile } from "./ssh-config.ts";

type MachineName = keyof typeof machines;

const usage = `Usage: npm run lab <command>
  build [arm64|x86|amd64]          make what the machine needs, once
  start [arm64|x86|amd64]          start it and wait for SSH and Docker
  stop  [arm64|x86|amd64]          end it; without a name: all
  status                           what runs, and how to reach it
  ssh   [arm64|x86|amd64] [cmd…]   a shell on it, or a command
  image <name>                     put a test image into the local Docker: ${imageNames.join(", ")}`;

function isMachineName(name: string | undefined): name is MachineName {
  return name !== undefined && Object.hasOwn(machines, name);
}

/** The machine that the first argument names (default: arm64), and the other arguments. */
function chosen(words: readonly string[]): { machine: MachineName; rest: readonly string[] } {
  const [first, ...rest] = words;
  return isMachineName(first) ? { machine: first, rest } : { machine: "arm64", rest: words };
}

async function status(): Promise<void> {
  for (const { name } of Object.values(machines)) {
    const state = await runningState(name);
    if (state === undefined) {
      console.log(`${name}: not running`);
      continue;
    }
    const ports = Object.entries(state.ports).map(([guest, host]) => `${guest} at ${state.address}:${host}`);
    console.log(`${name}: running (process ${state.processId})\n  ssh -F ${sshConfigFile} ${name}\n  ports: ${ports.join(", ")}`);
  }
}

async function main([command, ...words]: readonly string[]): Promise<number> {
  const { machine, rest } = chosen(words);
  const lab = machines[machine];
  if (rest.length > 0 && ["build", "start", "stop", "status"].includes(command ?? "")) {
    throw new MigrationError("usage", `unknown machine '${rest[0]}'`, { remedy: "The machines are arm64, x86 and amd64." });
  }
  switch (command) {
    case "build":
      await lab.build();
      return 0;
    case "start":
      if ((await runningState(lab.name)) !== undefined) progress(`${lab.name} is already running`);
      await ensureMachine(lab);
      await status();
      return 0;
    case "stop":
      for (const each of words.length > 0 ? [lab] : Object.values(machines)) {
        progress((await stopMachine(each)) ? `${each.name} stopped` : `${each.name} was not running`);
      }
      return 0;
    case "status":
      await status();
      return 0;
    case "ssh":
      await ensureMachine(lab);
      return spawnSync("ssh", [...sshParameters(lab.name), ...rest], { stdio: "inherit" }).status ?? 1;
    case "image":
      if (!isImageName(words[0])) {
        throw new MigrationError("usage", `unknown image '${words[0] ?? ""}'`, {
          remedy: `The images are ${imageNames.join(", ")}.`,
        });
      }
      console.log(await ensureImage(words[0]));
      return 0;
    default:
      console.error(usage);
      return 2;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`lab: ${messageOf(error)}`);
  if (error instanceof MigrationError && error.remedy !== undefined) console.error(`lab: ${error.remedy}`);
  process.exitCode = 1;
}
