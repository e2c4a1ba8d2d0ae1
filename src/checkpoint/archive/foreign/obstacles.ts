import type { ForeignObstacle } from "../opened.ts";
import type { ForeignDocuments } from "./documents.ts";
import { namespaces } from "./host-config.ts";
import { foreignMounts } from "./mounts.ts";

/** podman's fields for namespaces of another container, as in a pod. */
const joined = ["netNsCtr", "ipcNsCtr", "pidNsCtr", "utsNsCtr", "userNsCtr", "cgroupNsCtr", "mountNsCtr"];

/** What Docker's record has no words for, and what this program can't make. */
export function foreignObstacles(documents: ForeignDocuments): ForeignObstacle[] {
  return [...userNamespaces(documents), ...sharedNamespaces(documents), ...otherMounts(documents)];
}

function userNamespaces({ config, spec }: ForeignDocuments): ForeignObstacle[] {
  const mapped = config("idMappingsOptions").maybe((options) =>
    options
      .object()("HostUIDMapping")
      .maybe((host) => !host.flag()),
  );
  const own = namespaces(spec).some(({ type }) => type === "user");
  if (mapped !== true && !own) return [];
  return [
    {
      what: "it has a user namespace of its own: its user ids, also those of files, would have to be translated",
      remedy: "Run it as root's without a mapping of user ids (podman: `--userns host`), and take the checkpoint again.",
    },
  ];
}

/** A pod's network, host name and System V objects are given to each of its containers; what only one of them has can be made anew. */
function sharedNamespaces({ config, spec }: ForeignDocuments): ForeignObstacle[] {
  const others = joined.flatMap((key) =>
    config(key).maybe((id) => id.text() !== "") === true ? [key.replace("NsCtr", "")] : [],
  );
  const pid = namespaces(spec).find(({ type }) => type === "pid");
  const shared = [
    ...others,
    ...(pid === undefined ? ["pid (with its machine)"] : []),
    ...(pid !== undefined && pid.path !== "" && !others.includes("pid") ? ["pid (with its pod)"] : []),
  ];
  if (shared.length === 0) return [];
  return [
    {
      what: `it shares namespaces with other containers or its machine: ${shared.join(", ")}`,
      remedy:
        "Run it with namespaces of its own (not in podman's pods nor with `--pid host`; Kubernetes: without `shareProcessNamespace` and `hostPID`), and take the checkpoint again.",
    },
  ];
}

function otherMounts(documents: ForeignDocuments): ForeignObstacle[] {
  const { others } = foreignMounts(documents);
  if (others.length === 0) return [];
  return [
    {
      what: `it has file systems mounted that Docker makes for no container: ${others.join(", ")}`,
      remedy: "Run it without them, and take the checkpoint again.",
    },
  ];
}
