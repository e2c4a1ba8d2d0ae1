import { memoryFoldersOf } from "../../engine/docker/memory-folders.ts";
import { every, type Rule, sourceRule } from "../rule.ts";
import { listed, together } from "./words.ts";

const mounts = sourceRule({
  name: "container.mounts",
  severity: "blocker",
  warns: ["replatform"],
  why: "Volumes and bind mounts are not carried with processes that go on yet: they would find other files than those they left. A tmpfs is carried.",
  remedy: "Make the container without volumes and mounts, with its data in its own writable layer.",
  see({ container }) {
    const mounted = container.Mounts.filter(({ Type: type }) => type !== "tmpfs");
    const kinds = mounted.map(({ Type: type, Destination: destination }) => `${destination} (${type})`);
    return kinds.length === 0 ? [] : [`it has mounts: ${listed(kinds)}`];
  },
});

const volumeDrivers = sourceRule({
  name: "container.volume-driver",
  severity: "blocker",
  strategies: every,
  why: "Only volumes of Docker's own driver `local` are files on the machine; others belong to a service that the target's Docker need not know.",
  remedy: "Copy the data into an ordinary volume, or make the container on the target by hand.",
  see({ container }) {
    const foreign = container.Mounts.filter(
      ({ Type: type, Driver: driver }) => type === "volume" && (driver || "local") !== "local",
    );
    return together(
      "volumes of other drivers",
      foreign.map(({ Destination: destination, Driver: driver }) => `${destination} (${driver})`),
    );
  },
});

const storageDriver = sourceRule({
  name: "source.storage-driver",
  severity: "blocker",
  strategies: every,
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

const queues = "/dev/mqueue/";

const messageQueues = sourceRule({
  name: "container.message-queues",
  severity: "blocker",
  momentary: true,
  why: "POSIX message queues are not carried: CRIU can't dump them.",
  remedy: "Remove them if nobody needs them any more, or let the program use another way.",
  see: ({ live }) =>
    together(
      "POSIX message queues",
      (live?.memoryFiles ?? []).filter((path) => path.startsWith(queues)),
    ),
});

const memoryFiles = sourceRule({
  name: "container.memory-files",
  severity: "blocker",
  strategies: ["resume"],
  momentary: true,
  why: "Files in a memory file system (tmpfs) are carried where the container on the target has one, too: in /dev, /dev/shm and where `--tmpfs` makes one. CRIU restores the others.",
  remedy: "Let the program keep them elsewhere, or remove them if nobody needs them any more.",
  see({ live, container }) {
    const known = ["/dev", ...memoryFoldersOf(container)];
    const isCarried = (path: string) => known.some((folder) => path.startsWith(`${folder}/`) || path === folder);
    return together(
      "files in memory",
      (live?.memoryFiles ?? []).filter((path) => !isCarried(path)),
    );
  },
});

export const filesRules: readonly Rule[] = [mounts, volumeDrivers, memoryFiles, messageQueues, storageDriver];
