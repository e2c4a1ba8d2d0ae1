import { MigrationError } from "../../errors.ts";
import type { CreateLikeOptions } from "../docker/create.ts";
import type { ContainerRecord } from "../docker/engine.ts";
import { bundleRuntimes } from "../engine-name.ts";
import { targetPaths } from "../resume-runtime/wrapper.ts";
import { adaptConfiguration, type BundleConfiguration } from "./configuration.ts";
import { isValidId, type RuntimeProgram } from "./read-containers.ts";
import { asBundle, bundleFolder } from "./record.ts";

const taken = 17;
const filled = 18;

// A folder of an earlier container of that id, which is gone, is of no more use.
const script = `umask 077
root=$1 resumed=$2 clocks=$3 id=$4 bundle=$5 name=$6 runtimes=$7
for runtime in $runtimes; do
  if command -v "$runtime" >/dev/null && "$runtime" state "$id" >/dev/null 2>&1; then exit ${taken}; fi
done
[ ! -e "$root/$id/bundle" ] || exit ${taken}
[ ! -e "$bundle/config.json" ] || exit ${filled}
rm -rf "$resumed/$id"; rm -f "$clocks/$id"
mkdir -p "$root/$id"
cat >"$root/$id/config.json"
printf %s "$name" >"$root/$id/runtime"
printf %s "$bundle" >"$root/$id/bundle"`;

/** The configuration that a container gets on the target. @param source as it shall be there */
export function configurationLike(
  source: ContainerRecord,
  { name, labels = {} }: Pick<CreateLikeOptions, "name" | "labels">,
): BundleConfiguration {
  const record = asBundle(source);
  const { NetworkMode: network = "" } = record.HostConfig;
  return adaptConfiguration(record.BundleConfiguration, {
    ...{ from: record.Id, to: name, annotations: labels },
    folder: folderOf(record),
    paths: new Map(record.Mounts.map(({ Destination: destination, Source: path }) => [destination, path])),
    ownNetwork: !["host", "none"].includes(network),
  });
}

/** The bundle's folder. */
export function folderOf({ Mounts: mounts }: Pick<ContainerRecord, "Mounts">): string {
  return mounts.find(({ Destination: destination }) => destination === bundleFolder)!.Source;
}

/**
 * Makes a container that is configured as another one was: it waits for its first start, and the runtime knows nothing of it yet.
 * @returns its id, which is its name
 * @throws MigrationError `usage`, `target-conflict`, `incompatible`
 */
export async function createBundle(
  { host, name: runtime }: RuntimeProgram,
  source: ContainerRecord,
  options: CreateLikeOptions,
): Promise<string> {
  const { name: id } = options;
  if (!isValidId(id)) {
    throw new MigrationError("usage", `\`${id}\` can't be the id of a container of ${runtime}`, {
      host: host.name,
      remedy: "Use letters, digits, `_`, `+`, `.` and `-`.",
    });
  }
  const configuration = configurationLike(source, options);
  const folder = folderOf(source);
  const { bundles, resumed, clocks } = targetPaths;
  const parameters = [bundles, resumed, clocks, id, folder, runtime, bundleRuntimes.join(" ")];
  const { exitCode, stderr } = await host.run(["sh", "-euc", script, "sh", ...parameters], {
    input: `${JSON.stringify(configuration, undefined, 2)}\n`,
  });
  if (exitCode === 0) return id;
  if (exitCode === taken) {
    throw new MigrationError("target-conflict", `the container id \`${id}\` is taken`, {
      host: host.name,
      remedy: `Choose another one with \`--name\`, or remove the old container (\`${runtime} delete ${id}\`).`,
    });
  }
  if (exitCode === filled) {
    throw new MigrationError("target-conflict", `there is a bundle in ${folder}`, {
      host: host.name,
      remedy: `Choose another folder (\`--bind ${folder}=OTHER\`), or remove its config.json.`,
    });
  }
  throw new MigrationError("command-failed", `the bundle could not be made: ${stderr.trim()}`, { host: host.name });
}
