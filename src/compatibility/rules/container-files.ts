import { memoryFoldersOf } from "../../engine/docker/memory-folders.ts";
import { isAnonymous } from "../../engine/docker/volume-names.ts";
import { engineTitles, isBundleRuntime } from "../../engine/engine-name.ts";
import type { MountFacts } from "../reading/mounts.ts";
import { every, type Rule, sourceRule, targetRule } from "../rule.ts";
import { listed, together } from "./words.ts";

const mounts = sourceRule({
  name: "container.mounts",
  severity: "blocker",
  warns: ["replatform"],
  why: "What lies in volumes and bind mounts is not in an archive: the processes would find other files than those they left. A tmpfs is carried.",
  remedy: "Move the container with `migrate`, which carries them, or make the archive of a container without volumes.",
  see({ container, mounts: known }) {
    const mounted = container.Mounts.filter(({ Type: type }) => type !== "tmpfs" && known === undefined);
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
  see({ container, mounts: known = [] }) {
    const foreign = container.Mounts.filter(
      ({ Type: type, Driver: driver }) => type === "volume" && (driver || "local") !== "local",
    );
    const optioned = known.filter(({ hasOptions }) => hasOptions);
    return [
      ...together(
        "volumes of other drivers",
        foreign.map(({ Destination: destination, Driver: driver }) => `${destination} (${driver})`),
      ),
      ...together(
        "volumes that are mounts of something else",
        optioned.map(({ destination, name }) => `${destination} (${name})`),
      ),
    ];
  },
});

/** Folders that every machine has, and those in which it keeps what is its own. */
const ofTheMachine =
  /^\/(|etc|home|media|mnt|opt|root|srv|tmp|var|var\/(lib|log|tmp))$|^\/(bin|boot|dev|lib|lib64|proc|run|sbin|sys|usr|var\/run|var\/lib\/(docker|containerd))(\/|$)/;

const binds = sourceRule({
  name: "container.binds",
  severity: "blocker",
  strategies: every,
  why: "Folders that are mounted into the container are copied to the target. Single files, sockets, and folders of the system are the machine's own.",
  remedy:
    "Use what the target has there (`--bind-exists PATH`), or leave all out with `--no-preserve-volumes` if the program does without.",
  see: ({ mounts: known = [] }) =>
    together(
      "bind mounts that can't be copied",
      known
        .filter(({ type, kind, source, isThere }) => type === "bind" && !isThere && (kind !== "d" || ofTheMachine.test(source)))
        .map(({ source, destination }) => `${source} at ${destination}`),
    ),
});

const shared = sourceRule({
  name: "container.shared-volume",
  severity: "blocker",
  strategies: every,
  why: "Another container works in the same files, and would go on here in its own copy.",
  remedy:
    "Move it together with the other one, stop the other one, have the files copied as they are at the freeze (`--copy-shared`), or leave volumes out with `--no-preserve-volumes`.",
  see: ({ mounts: known = [] }) => sharedOf(known.filter(({ copyShared }) => copyShared !== true)),
});

const sharedCopied = sourceRule({
  name: "container.copied-volume",
  severity: "warning",
  strategies: every,
  why: "Another container works in the same files: it goes on here in its own copy, and neither sees what the other writes from then on. What it writes while the files are copied makes the move fail.",
  remedy: "Let it do nothing in them until the move is done.",
  see: ({ mounts: known = [] }) => sharedOf(known.filter(({ copyShared }) => copyShared === true)),
});

function sharedOf(mounts: readonly MountFacts[]): string[] {
  return mounts
    .filter(({ sharedWith, isThere }) => sharedWith.length > 0 && !isThere)
    .map(({ name, source, sharedWith }) => `${name ?? source} is used by ${listed(sharedWith)}, too`);
}

const volumeThere = targetRule({
  name: "target.volume",
  severity: "blocker",
  strategies: every,
  why: "What is in a volume or folder there is not overwritten.",
  remedy:
    "Remove it there if nobody needs it (`docker volume rm`); of a folder use what is there (`--bind-exists PATH`) or another path (`--bind PATH=OTHER`).",
  see({ volumeNames, existingPaths }, { subject: { mounts: known = [] } }) {
    const taken = known.filter(({ type, name, there, isThere }) =>
      type === "bind" ? existingPaths.has(there) && !isThere : name !== undefined && volumeNames.has(name) && !isAnonymous(name),
    );
    return taken.map(({ type, name, there }) => (type === "bind" ? `it has ${there}` : `it has a volume ${name}`));
  },
});

const bindMissing = targetRule({
  name: "target.bind",
  severity: "blocker",
  strategies: every,
  why: "What is mounted into the container was said to be there (`--bind-exists`).",
  remedy: "Put it there, or let it be copied.",
  see: ({ existingPaths }, { subject: { mounts: known = [] } }) =>
    known
      .filter(({ type, there, isThere }) => type === "bind" && isThere && !existingPaths.has(there))
      .map(({ there }) => `it has no ${there}`),
});

const podmansDriver =
  'Set driver = "overlay" in storage.conf; images and containers have to be made anew then (`podman system reset`).';

const storageDriver = sourceRule({
  name: "source.storage-driver",
  severity: "blocker",
  strategies: every,
  why: "What the container has written is taken from overlay2's directories.",
  remedy:
    'Set "storage-driver": "overlay2" in daemon.json (and "features": {"containerd-snapshotter": false} for Docker 29 and later); images and containers have to be made anew then.',
  see: ({ container, engine }) => {
    if (isBundleRuntime(engine.engine)) return [];
    if (engine.containerdImageStore) return ["Docker keeps images and containers in containerd's store"];
    if (container.Driver === "overlay2") return [];
    const driver = container.Driver || engine.storageDriver;
    const seen = `${engineTitles[engine.engine]} keeps the container's files with the storage driver ${driver}`;
    return [engine.engine === "docker" ? seen : { seen, remedy: podmansDriver }];
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

export const filesRules: readonly Rule[] = [
  mounts,
  volumeDrivers,
  binds,
  shared,
  sharedCopied,
  volumeThere,
  bindMissing,
  memoryFiles,
  messageQueues,
  storageDriver,
];
