import type { EngineInfo } from "../docker/info.ts";
import { lacksCriu } from "../lacks-criu.ts";
import type { RuntimeProgram } from "./read-containers.ts";

const script = `uname -m; uname -r; getconf _NPROCESSORS_ONLN
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo 2; else echo 1; fi
cat /sys/module/apparmor/parameters/enabled 2>/dev/null || echo N
"$1" --version | head -n 1`;

/** What there is to tell of a runtime's machine, as engines tell it of theirs. @throws MigrationError as `Host.script` */
export async function readBundleInfo({ host, name, path }: RuntimeProgram): Promise<EngineInfo> {
  const [lines, noCriu] = await Promise.all([host.script(script, [path]), lacksCriu(host, path)]);
  const [architecture = "", kernelRelease = "", cpus = "1", cgroups = "1", appArmor = "N", version = ""] = lines.split("\n");
  return {
    ...{ engine: name, architecture, kernelRelease, runtimes: new Map([[name, path]]) },
    version: /version (\S+)/.exec(version)?.[1] ?? version,
    apiVersion: "",
    storageDriver: "",
    containerdImageStore: false,
    nativeOverlay: true,
    // Bundles lie anywhere.
    rootDirectory: "/",
    cgroupVersion: cgroups === "2" ? 2 : 1,
    cpus: Number(cpus),
    securityOptions: new Set(["seccomp", ...(appArmor === "Y" ? ["apparmor"] : [])]),
    defaultRuntime: name,
    experimental: false,
    ...(noCriu ? { lacksCriu: true } : {}),
  };
}
