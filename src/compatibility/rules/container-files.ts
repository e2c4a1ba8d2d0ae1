import { type Rule, sourceRule } from "../rule.ts";
import { listed, together } from "./words.ts";

const mounts = sourceRule({
  name: "container.mounts",
  severity: "blocker",
  why: "Volumes and bind mounts are not carried yet, and neither is what lies in a tmpfs: the process would find other files than those it left.",
  remedy: "Make the container without volumes and mounts, with its data in its own writable layer.",
  see({ container }) {
    const kinds = container.Mounts.map(({ Type: type, Destination: destination }) => `${destination} (${type})`);
    const temporary = Object.keys(container.HostConfig.Tmpfs ?? {}).map((destination) => `${destination} (tmpfs)`);
    const all = [...new Set([...kinds, ...temporary])];
    return all.length === 0 ? [] : [`it has mounts: ${listed(all)}`];
  },
});

const storageDriver = sourceRule({
  name: "source.storage-driver",
  severity: "blocker",
  why: "What the container has written is taken from overlay2's directories.",
  remedy:
    'Set "storage-driver": "overlay2" in daemon.json (and "features": {"containerd-snapshotter": false} for Docker 29 and later); images and containers have to be made anew then.',
  see: ({ container, engine }) => {
    if (engine.containerdImageStore) return ["Docker keeps images and containers in containerd's store"];
    return container.Driver === "overlay2"
      ? []
      : [`Docker keeps the container's files with the storage driver ${container.Driver || engine.storageDriver}`];
  },
});

const memoryFiles = sourceRule({
  name: "container.memory-files",
  severity: "blocker",
  why: "Files in memory (a tmpfs such as /dev/shm, message queues) are not carried yet.",
  remedy: "Let the program keep them elsewhere, or remove them if nobody needs them any more.",
  see: ({ live }) => together("files in memory", live?.memoryFiles ?? []),
});

export const filesRules: readonly Rule[] = [mounts, memoryFiles, storageDriver];
