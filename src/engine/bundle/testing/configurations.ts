import { type BundleConfiguration, parseConfiguration } from "../configuration.ts";
import type { RuntimeContainer } from "../record.ts";

const configuration = {
  process: { args: ["/app", "--serve"], cwd: "/", env: ["A=b"] },
  root: { path: "rootfs" },
  hostname: "web",
  mounts: [
    { destination: "/proc", type: "proc", source: "proc" },
    { destination: "/data", type: "bind", source: "/srv/data", options: ["rbind", "ro"] },
    { destination: "/scratch", type: "tmpfs", source: "tmpfs", options: ["nosuid"] },
  ],
  linux: { namespaces: ["pid", "mount", "ipc", "uts", "network"].map((type) => ({ type })) },
};

/** The configuration of a container in /srv/web that can be moved, with changes. */
export function configurationWith(changes: object = {}): BundleConfiguration {
  return parseConfiguration(JSON.stringify({ ...configuration, ...changes }), "/srv/web", "local");
}

/** What a runtime tells of it, with changes. */
export function stateWith(changes: Partial<RuntimeContainer> = {}): RuntimeContainer {
  return { id: "web", status: "running", pid: 500, bundle: "/srv/web", created: "2026-11-30T06:00:00Z", ...changes };
}
