import { InvalidArgumentError, Option } from "commander";
import { strategies } from "../../compatibility/strategy.ts";
import { engineNames, isBundleRuntime } from "../../engine/engine-name.ts";

/** The help's words for a target. */
export const targetWords =
  "the machine to move it to: ssh://[user@]host[:port], a name from your SSH configuration, context:NAME for a Docker context, or adb:SERIAL for an Android device";

/** The help's words for a container that is moved. */
export const containerWords =
  "name or id of a running container of this machine, or of the one that --from names; if both Docker and Podman have it, docker:NAME or podman:NAME; runc:ID or crun:ID for one that was started from a bundle";

export function fromOption(): Option {
  return new Option("--from <machine>", "the machine that the container is on, named like a target (default: this one)");
}

export function targetEngineOption(): Option {
  const words =
    "engine on the target (default: Docker, or Podman where only that is; for a bundle the runtime that it is under, or the other)";
  return new Option("--target-engine <engine>", words).choices(engineNames);
}

/** Of what bundles are not made of. */
export function imageEngineOption(): Option {
  const engines = engineNames.filter((name) => !isBundleRuntime(name));
  return new Option("--target-engine <engine>", "engine on the target (default: Docker, or Podman where only that is)").choices(
    engines,
  );
}

/** An option with two paths, which may be repeated. */
function pathsOption(flag: string, words: string): Option {
  const collect = (text: string, previous: Readonly<Record<string, string>> = {}) => {
    const [, here, there] = /^(\/[^=]*)=(\/.*)$/.exec(text) ?? [];
    if (here === undefined || there === undefined) throw new InvalidArgumentError("It must be two absolute paths: /here=/there.");
    return { ...previous, [here]: there };
  };
  return new Option(`${flag} <here=there>`, `${words}; may be repeated`).argParser(collect);
}

export function bindOption(): Option {
  return pathsOption("--bind", "other path on the target for a folder that is mounted");
}

export function deviceOption(): Option {
  return pathsOption("--device", "device of the target that the container gets for one that it was given here");
}

export function bindExistsOption(): Option {
  const collect = (path: string, previous: readonly string[] = []) => [...previous, path];
  return new Option(
    "--bind-exists <path>",
    "bind mount, by its path here, of what the target has already: nothing is copied; may be repeated",
  ).argParser(collect);
}

export function copySharedOption(): Option {
  return new Option("--copy-shared", "copy files in which another running container works, too, as they are at the freeze");
}

export function jsonOption(): Option {
  return new Option("--json", "print one JSON document on standard output, progress as lines of JSON on standard error");
}

/** The library reads the environment itself: so what the user set there is not repeated in the commands that are proposed. */
export function sshConfigOption(): Option {
  return new Option(
    "--ssh-config <file>",
    "OpenSSH configuration file to use instead of yours (env: MIGRATE_CONTAINER_SSH_CONFIG)",
  );
}

export function configOption(): Option {
  return new Option(
    "--config <file>",
    "configuration file (default: $XDG_CONFIG_HOME/migrate-container/criu_config.json, /etc/migrate-container/criu_config.json)",
  );
}

export function strategyOption(): Option {
  return new Option(
    "--strategy <strategy>",
    "resume: by a program compiled from the dump; restore: by CRIU there; replatform: the program starts anew; auto: what keeps the memory",
  )
    .choices(["auto", ...strategies])
    .default("auto");
}

const architectures = ["x86_64", "aarch64"];

export function sourceArchitectureOption(): Option {
  return new Option("--source-arch <architecture>", "what the container's machine is (default: what it says of itself)").choices(
    architectures,
  );
}

export function targetArchitectureOption(): Option {
  return new Option(
    "--target-arch <architecture>",
    "what the target is (default: what it says of itself; without a target aarch64)",
  ).choices(architectures);
}

export function identityOption(): Option {
  return new Option("--identity <file>", "file with your age identity (AGE-SECRET-KEY-1…), for an encrypted archive");
}

export function emulatorOption(): Option {
  return new Option(
    "--emulator <file>",
    "JSON file that describes the emulator to use on the target (env: MIGRATE_CONTAINER_EMULATOR)",
  );
}

// setTimeout takes at most 2^31 - 1 milliseconds, and fires at once when given more.
const longestSeconds = Math.floor((2 ** 31 - 1) / 1000);

/** @throws InvalidArgumentError unless it is a positive number of seconds */
export function parseSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds > 0 && seconds <= longestSeconds)) {
    throw new InvalidArgumentError(`It must be a number of seconds above 0 and at most ${longestSeconds}.`);
  }
  return seconds;
}
