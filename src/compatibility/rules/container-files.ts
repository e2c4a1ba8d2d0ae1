import { memoryFoldersOf } from "../../engine/docker/memory-folders.ts";
import { type Rule, sourceRule } from "../rule.ts";
import { listed, together } from "./words.ts";

const mounts = sourceRule({
  name: "container.mounts",
  severity: "blocker",
  why: "Volumes and bind mounts are not carried yet: the process would find other files than those it left. A tmpfs is carried.",
  remedy: "Make the container without volumes and mounts, with its data in its own writable layer.",
  see({ container }) {
    const mounted = container.Mounts.filter(({ Type: type }) => type !== "tmpfs");
    const kinds = mounted.map(({ Type: type, Destination: destination }) => `${destination} (${type})`);
    return kinds.length === 0 ? [] : [`it has mounts: ${listed(kinds)}`];
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
  why: "Files in a memory file system (tmpfs) are carried where the container on the target has one, too: in /dev, /dev/shm and where `--tmpfs` makes one. POSIX message queues are not carried.",
  remedy: "Let the program keep them elsewhere, or remove them if nobody needs them any more.",
  see({ live, container }) {
    const known = ["/dev", ...memoryFoldersOf(container)];
    const isCarried = (path: string) =>
      !path.startsWith("/dev/mqueue/") && known.some((folder) => path.startsWith(`${folder}/`) || path === folder);
    return together(
      "files in memory",
      (live?.memoryFiles ?? []).filter((path) => !isCarried(path)),
    );
  },
});

export const filesRules: readonly Rule[] = [mounts, memoryFiles, storageDriver];
