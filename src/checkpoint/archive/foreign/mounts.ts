import { shown } from "../refusal.ts";
import type { Shape } from "../shape.ts";
import type { ForeignDocuments } from "./documents.ts";

export interface ForeignMounts {
  /** As in Docker's record. */
  readonly mounts: readonly {
    readonly Type: "bind" | "volume";
    readonly Name?: string;
    readonly Source: string;
    readonly Destination: string;
    readonly RW: boolean;
  }[];
  /** `--tmpfs`: options by path. */
  readonly temporary: Readonly<Record<string, string>>;
  /** File systems that no container of Docker's has: `overlay at /x`. */
  readonly others: readonly string[];
}

/** File systems that are the kernel's or the container's own: every container has them. */
const ownFileSystems = new Set(["proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2", "shm"]);
/** What engines bind into every container: Docker has its own at some of these paths, and nothing at the others. */
const ofTheEngine = new Set([
  ...["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/shm", "/dev/termination-log"],
  ...["/run/.containerenv", "/var/run/.containerenv", "/run/secrets"],
]);
const everyTemporary = new Set(["/dev", "/dev/shm"]);
/** The options that Docker takes for `--tmpfs`. */
const temporaryOption = /^(rw|ro|nosuid|suid|nodev|dev|noexec|exec|(size|mode|uid|gid|nr_inodes)=[0-9a-z%]+)$/;
const absolutePath = /^\/[^\0]*$/;

/** @throws MigrationError `archive-refused`, `record-invalid` */
export function foreignMounts({ config, spec }: ForeignDocuments): ForeignMounts {
  const volumes = new Map(config("namedVolumes").maybe((list) => list.list().map(namedVolume)) ?? []);
  const mounts: ForeignMounts["mounts"][number][] = [];
  const temporary: Record<string, string> = {};
  const others: string[] = [];
  for (const each of spec("mounts").maybe((list) => list.list()) ?? []) {
    const { destination, type, source, options } = mountOf(each);
    if (ownFileSystems.has(type)) continue;
    const writable = !options.includes("ro");
    const name = volumes.get(destination);
    if (type === "tmpfs") {
      if (!everyTemporary.has(destination))
        temporary[destination] = options.filter((option) => temporaryOption.test(option)).join();
    } else if (type !== "bind") others.push(shown(`${type} at ${destination}`));
    else if (name !== undefined) mounts.push({ Type: "volume", Name: name, Source: "", Destination: destination, RW: writable });
    else if (!ofTheEngine.has(destination)) mounts.push({ Type: "bind", Source: source, Destination: destination, RW: writable });
  }
  return { mounts, temporary, others };
}

/** containerd and CRI-O have the type `bind`; in OCI's it is the option that counts. */
function mountOf(shape: Shape) {
  const at = shape.object();
  const options = at("options").maybe((list) => list.texts()) ?? [];
  const isBind = options.includes("bind") || options.includes("rbind");
  return {
    destination: at("destination").text(absolutePath),
    type: isBind ? "bind" : (at("type").maybe((type) => type.text()) ?? "bind"),
    source: at("source").maybe((source) => source.text()) ?? "",
    options,
  };
}

function namedVolume(shape: Shape): [destination: string, name: string] {
  const at = shape.object();
  return [at("dest").text(absolutePath), at("volumeName").text()];
}
