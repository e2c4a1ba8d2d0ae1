import { MigrationError } from "../../errors.ts";
import { runtimePaths } from "../resume-runtime/wrapper.ts";
import type { DockerEngine } from "./engine.ts";

/** The OCI runtime that runs a container, and where it keeps the container's state. */
export interface RuntimeState {
  /** Program or path: `runc`, `/usr/bin/crun`. */
  readonly program: string;
  /** For `--root`: the directory that holds `<id>/state.json` (runc) or `<id>/status` (crun). */
  readonly root: string;
}

// The shim, the parent of the container's first process, works in the container's bundle, and containerd has left the runtime's
// program and root there (containerd, runtime/v2/runc/options: options.json). Older daemons don't: then the known places.
const findState = `
id=$1; pid=$2; program=$3
found() {
  if [ -f "$1/$id/state.json" ] || [ -f "$1/$id/status" ]; then echo "$2"; echo "$1"; exit 0; fi
}
shim=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status")
options=/proc/$shim/cwd/options.json
if [ -f "$options" ]; then
  root=$(sed -n 's/.*"root":"\\([^"]*\\)".*/\\1/p' "$options")
  name=$(sed -n 's/.*"binary_name":"\\([^"]*\\)".*/\\1/p' "$options")
  found "$root/moby" "\${name:-$program}"
  found "$root" "\${name:-$program}"
fi
for root in /var/run/docker/runtime-*/moby /run/docker/runtime-*/moby /run/containerd/runc/moby /run/crun /run/runc; do found "$root" "$program"; done
exit 1
`;

/** @throws MigrationError `incompatible` for a runtime that CRIU can't dump */
export async function findRuntimeState(
  engine: DockerEngine,
  id: string,
  pid: number,
  runtimeName: string,
): Promise<RuntimeState> {
  const { runtimes } = await engine.info();
  const usual = runtimes.get(runtimeName) || (runtimeName.startsWith("/") ? runtimeName : "runc");
  const { stdout } = await engine.host.run(["sh", "-c", findState, "sh", id, String(pid), usual]);
  const [program = "", root = ""] = stdout.split("\n");
  // A container that was moved here has the wrapper, which hands all but its first start to runc or crun.
  if ((/(^|\/)(runc|crun)$/.test(program) || Object.values(runtimePaths).includes(program)) && root !== "")
    return { program, root };
  throw new MigrationError(
    "incompatible",
    `the container's processes are not kept by runc or crun (its runtime is \`${runtimeName}\`)`,
    {
      host: engine.host.name,
      remedy: "Only containers under runc or crun can be dumped: make the container with Docker's default runtime.",
      details: { runtime: runtimeName, program },
    },
  );
}
