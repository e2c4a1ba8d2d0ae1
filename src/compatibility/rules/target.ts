import type { EngineInfo } from "../../engine/docker/info.ts";
import { engineTitles, isBundleRuntime } from "../../engine/engine-name.ts";
import { targetPaths } from "../../engine/resume-runtime/wrapper.ts";
import { processMemoryOf } from "../process-memory.ts";
import { every, type Rule, type Sighting, targetRule } from "../rule.ts";
import type { Subject } from "../subject.ts";
import { isAtLeast } from "../versions.ts";
import { deletedBytesOf } from "./deleted-files.ts";
import { mebibytes, otherThanRoot } from "./words.ts";

const engine = targetRule({
  name: "target.engine",
  severity: "blocker",
  strategies: every,
  why: "Docker 20.10 is the oldest that makes containers for a platform of the caller's choice.",
  remedy: "Install Docker (`apt-get install docker.io`), start it, and let the user that you connect as use it.",
  see({ engine: found }, { subject: { engine } }) {
    if (found === undefined) return [isBundleRuntime(engine.engine) ? noRuntime : "no Docker answers"];
    // Which Podman will do is asked when it is opened, and of runtimes there is a rule of its own.
    if (found.engine !== "docker") return [];
    return isAtLeast(found.version, "20.10") ? [] : [`its Docker is ${found.version}`];
  },
});

const noRuntime = {
  seen: "it has neither runc nor crun",
  remedy: "Install one: `apt-get install runc`.",
};

const kind = targetRule({
  name: "target.kind",
  severity: "blocker",
  strategies: every,
  why: "A container that was started from a bundle becomes one again; an engine's container is made of an image, which a bundle does not have.",
  remedy: "Name another engine on the target with `--target-engine`.",
  see({ engine: found }, { subject: { engine } }) {
    if (found === undefined || isBundleRuntime(found.engine) === isBundleRuntime(engine.engine)) return [];
    return isBundleRuntime(found.engine)
      ? [`with ${found.engine} it takes bundles, and the container is ${engineTitles[engine.engine]}'s`]
      : [`with ${engineTitles[found.engine]} it takes no bundle`];
  },
});

const storageDriver = targetRule({
  name: "target.storage-driver",
  severity: "blocker",
  strategies: every,
  why: "Layers and the writable layer are put into overlay2's directories.",
  remedy:
    'Set "storage-driver": "overlay2" in its daemon.json (and "features": {"containerd-snapshotter": false} for Docker 29 and later). Its images and containers have to be made anew then.',
  see({ engine: found }) {
    if (found === undefined || isBundleRuntime(found.engine)) return [];
    if (found.engine === "podman") return podmansStorage(found);
    if (found.containerdImageStore) return ["its Docker keeps images in containerd's store"];
    return found.storageDriver === "overlay2" ? [] : [`its Docker uses the storage driver ${found.storageDriver}`];
  },
});

function podmansStorage({ storageDriver: driver, nativeOverlay }: EngineInfo): Sighting[] {
  if (driver === "overlay2" && nativeOverlay) return [];
  const what = driver === "overlay2" ? "overlay with metacopy, redirect_dir or fuse-overlayfs" : driver;
  return [
    {
      seen: `its Podman uses the storage driver ${what}`,
      remedy:
        'Set driver = "overlay" in its storage.conf, without `metacopy=on` and `mount_program`. Its images and containers have to be made anew then.',
    },
  ];
}

const podman = targetRule({
  name: "target.podman",
  severity: "blocker",
  strategies: ["resume"],
  why: "An init program of the engine's is another file in Podman's containers.",
  remedy: "Make the container without `--init`, or choose a target with Docker.",
  see: ({ engine: found }, { subject: { container } }) =>
    found?.engine === "podman" && container.HostConfig.Init === true
      ? ["it has Podman, and the container Docker's init program"]
      : [],
});

const root = targetRule({
  name: "target.root",
  severity: "blocker",
  strategies: every,
  why: "Only root can put files into a container that isn't started yet, and register the runtime that resumes it.",
  remedy:
    "Connect as root (`ssh://root@…`), or as a user that may use sudo without a password. An Android device needs `su` (Magisk: allow it for the shell) or a build that allows `adb root`.",
  see: otherThanRoot,
});

const workFolder = targetRule({
  name: "target.work-folder",
  severity: "blocker",
  strategies: every,
  why: `The package, the resume program and the runtime are put into ${targetPaths.root}.`,
  remedy:
    "Mount something there that can be written to and executed from. On Android, where the root is read-only and has no /var: make /var once with `mount -o remount,rw /; mkdir -p /var`, and after each start `mkdir -p /data/var; mount --bind /data/var /var`.",
  see: ({ hostFacts, readOnlyFolder: folder }) =>
    folder !== undefined && hostFacts.uid === 0
      ? [`${folder} can't be written to, so there is no place for ${targetPaths.root}`]
      : [],
});

const tools = targetRule({
  name: "target.tools",
  severity: "blocker",
  strategies: every,
  why: "The move uses these programs there.",
  remedy: "Install them (`apt-get install tar coreutils sed`; busybox's tar keeps no extended attributes).",
  see: ({ missingTools }) => missingTools.map((tool) => `it has no ${tool}`),
});

const kernel = targetRule({
  name: "target.kernel",
  severity: "blocker",
  strategies: ["resume"],
  why: "The resumed program sets its process ids and what it calls its executable with a capability that Linux has since 5.9 (CAP_CHECKPOINT_RESTORE).",
  remedy: "Use a newer kernel there.",
  see: ({ hostFacts }) => (isAtLeast(hostFacts.kernelRelease, "5.9") ? [] : [`its kernel is ${hostFacts.kernelRelease}`]),
});

const nameTaken = targetRule({
  name: "target.name",
  severity: "blocker",
  strategies: every,
  why: "Two containers can't have one name.",
  remedy: "Choose another name with `--name`, or remove the container there.",
  see: ({ containerNames }, { name }) => (containerNames.has(name) ? [`it has a container ${name}`] : []),
});

/** Bytes of process memory that the dumps of all that are moved together will hold. */
export function memoryOf(subject: Subject): number {
  return processMemoryOf(subject) + (subject.group?.fellowMemoryBytes ?? 0);
}

/** Bytes. Room for the resume program, journals and the file system's own records. */
export const reserve = 32 * 2 ** 20;

const space = targetRule({
  name: "target.space",
  severity: "blocker",
  why: "The process's memory and the container's files are put on its disk.",
  remedy: "Make room there (`docker system df`, `docker image prune`).",
  see({ hostFacts, engine: found }, { subject }) {
    const isBundle = isBundleRuntime(subject.engine.engine);
    const ours = hostFacts.freeBytes.get(targetPaths.root) ?? 0;
    const dockers = hostFacts.freeBytes.get(found?.rootDirectory ?? "") ?? ours;
    const memory = memoryOf(subject) + deletedBytesOf(subject.live) + reserve;
    const volumes = (subject.mounts ?? []).reduce(
      (sum, { type, bytes = 0, isThere }) => sum + (type === "volume" || (isBundle && !isThere) ? bytes : 0),
      0,
    );
    const files = (subject.writableBytes ?? 0) + volumes;
    // Equal numbers: one file system, which then holds both.
    const needed = ours === dockers ? memory + files : memory;
    const low =
      ours < needed ? [`${mebibytes(ours)} are free at ${targetPaths.root}, about ${mebibytes(needed)} are needed`] : [];
    return ours !== dockers && dockers < files
      ? [...low, `${mebibytes(dockers)} are free at ${found?.rootDirectory}, about ${mebibytes(files)} are needed`]
      : low;
  },
});

const imageSpace = targetRule({
  name: "target.image-space",
  severity: "warning",
  strategies: every,
  why: "Layers of the image that the target lacks are sent, and Docker needs room for their archive and for what is in it.",
  remedy: "Make room there, or pull the image there first, which needs less.",
  see({ hostFacts, engine: found }, { subject }) {
    if (found === undefined) return [];
    const free = hostFacts.freeBytes.get(found.rootDirectory) ?? 0;
    const needed = 2 * subject.image.Size + memoryOf(subject) + (subject.writableBytes ?? 0) + reserve;
    return free < needed
      ? [
          `${mebibytes(free)} are free at ${found.rootDirectory}; up to ${mebibytes(needed)} are needed if it has nothing of the image`,
        ]
      : [];
  },
});

const memory = targetRule({
  name: "target.memory",
  severity: "blocker",
  warns: ["replatform"],
  why: "The process's memory has to fit, and the emulator and what it translates beside it.",
  remedy: "Stop something there.",
  see({ hostFacts }, { subject }) {
    const needed = memoryOf(subject) * 1.25 + 64 * 2 ** 20;
    return hostFacts.memoryAvailable < needed
      ? [`${mebibytes(hostFacts.memoryAvailable)} of memory are available, about ${mebibytes(needed)} are needed`]
      : [];
  },
});

export const targetRules: readonly Rule[] = [
  engine,
  kind,
  root,
  workFolder,
  tools,
  kernel,
  storageDriver,
  podman,
  nameTaken,
  space,
  imageSpace,
  memory,
];
