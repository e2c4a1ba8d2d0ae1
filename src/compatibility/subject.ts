import { findCriuOn } from "../criu/bundle/criu-on-host.ts";
import { type Criu, findCriu, requireCriu } from "../criu/bundle/find-criu.ts";
import { plainName } from "../engine/docker/container-name.ts";
import type { ContainerRecord, DockerEngine, EngineObstacle, ImageRecord } from "../engine/docker/engine.ts";
import type { EngineInfo } from "../engine/docker/info.ts";
import type { NetworkRecord } from "../engine/docker/networks.ts";
import { isBundleRuntime } from "../engine/engine-name.ts";
import { readingMs, withDeadline } from "../host/deadline.ts";
import { type HostFacts, readHostFacts } from "../host/facts.ts";
import type { Host, WithoutRoot } from "../host/host.ts";
import { isLocal } from "../host/local.ts";
import { criuFolders } from "./criu-folders.ts";
import type { GroupFacts } from "./group.ts";
import type { LiveFacts } from "./live-facts.ts";
import { bootIdOf } from "./reading/boot-id.ts";
import { type DeviceFacts, readDevices } from "./reading/devices.ts";
import { readLive } from "./reading/live.ts";
import { type MountFacts, readMounts } from "./reading/mounts.ts";
import { readNetworks } from "./reading/networks.ts";

/** Everything that can be known of a container before it is moved, and of the machine it is on. */
export interface Subject {
  /** The machine, as the user named it. */
  readonly host: string;
  readonly container: ContainerRecord;
  readonly image: ImageRecord;
  readonly hostFacts: HostFacts;
  /** Undefined where commands run as root. */
  readonly withoutRoot?: WithoutRoot | undefined;
  readonly engine: EngineInfo;
  /** What its engine has given to it and no Docker elsewhere can. Default: nothing. */
  readonly obstacles?: readonly EngineObstacle[] | undefined;
  /** A CRIU that can dump on today's kernels. */
  readonly criu: Criu | undefined;
  /** Undefined when the container doesn't run. */
  readonly live: LiveFacts | undefined;
  /** Bytes of process memory, where no live processes tell it: of an archive. */
  readonly memoryBytes?: number | undefined;
  /** Bytes that the container has written over its image. Undefined when they can't be counted, or not soon enough. */
  readonly writableBytes: number | undefined;
  /** Its volumes and bind mounts. Undefined where their contents can't be had: of an archive. */
  readonly mounts: readonly MountFacts[] | undefined;
  /** The devices that it was given (`--device`). Undefined where what they are can't be seen: of an archive. */
  readonly devices: readonly DeviceFacts[] | undefined;
  /** Its network on its machine, whatever it gets on the target: `host`, `container:<id>`, a name. Undefined where an archive does not tell. */
  readonly networkMode: string | undefined;
  /** The networks that users made, in which it is. Undefined where nothing but their names is known: of an archive. */
  readonly networks: readonly NetworkRecord[] | undefined;
  /** What the kernel calls its present run. Empty when it can't be read. */
  readonly bootId: string;
  /** Undefined for one that is moved alone. */
  readonly group?: GroupFacts;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** The only CRIU that will do, and which must be there. Default: any that can dump, if there is one. */
  readonly criuBinary?: string | undefined;
  /** Milliseconds that it may take. Default: `readingMs`. */
  readonly deadlineMs?: number | undefined;
}

/**
 * Reads all of it without changing anything.
 * @throws MigrationError `container-not-found`, `engine-request-failed`, `command-failed`, `cancelled`, `target-unreachable` when it takes too long
 */
export function readSubject(engine: DockerEngine, nameOrId: string, options: ReadOptions = {}): Promise<Subject> {
  const { signal, criuBinary, deadlineMs: ms = readingMs } = options;
  const waiting = { host: engine.host.name, what: `reading what ${nameOrId} does`, ms, signal };
  return withDeadline(waiting, (both) => read(engine, nameOrId, both, criuBinary));
}

/**
 * Reads anew what may have changed since: whether the container runs, and what its processes do.
 * @throws MigrationError as `readSubject`
 */
export function readSubjectAgain(engine: DockerEngine, before: Subject, options: ReadOptions = {}): Promise<Subject> {
  const { signal, deadlineMs: ms = readingMs } = options;
  const { Id: id, Name: name } = before.container;
  const waiting = { host: engine.host.name, what: `reading what ${plainName(name)} does`, ms, signal };
  return withDeadline(waiting, async (both) => {
    const container = await engine.inspect(id);
    return { ...before, container, live: await readLiveOf(engine, container, both) };
  });
}

function readLiveOf(
  { host, name }: DockerEngine,
  { Id: id, State: state }: ContainerRecord,
  signal: AbortSignal,
): Promise<LiveFacts> | undefined {
  // A bundle's cgroup has any name.
  const mark = isBundleRuntime(name) ? "" : id;
  return state.Running && state.Pid > 0 ? readLive(host, mark, state.Pid, { signal }) : undefined;
}

async function read(
  engine: DockerEngine,
  nameOrId: string,
  signal: AbortSignal,
  criuBinary: string | undefined,
): Promise<Subject> {
  const { host } = engine;
  const container = await engine.inspect(nameOrId);
  const [image, hostFacts, info, criu, live, writableBytes, mounts, devices, networks, bootId, obstacles] = await Promise.all([
    engine.inspectImage(container.Image),
    readHostFacts(host, [], signal),
    engine.info(),
    criuOf(host, criuBinary, signal),
    readLiveOf(engine, container, signal),
    countWritable(host, container, signal),
    readMounts(engine, container, signal),
    readDevices(host, container, signal),
    readNetworks(engine, container),
    bootIdOf(host, signal),
    engine.obstacles(container),
  ]);
  const { name, withoutRoot } = host;
  const { NetworkMode: networkMode } = container.HostConfig;
  const facts = {
    networkMode,
    container,
    image,
    hostFacts,
    engine: info,
    criu,
    live,
    writableBytes,
    mounts,
    devices,
    networks,
    bootId,
    obstacles,
  };
  return { host: name, withoutRoot, ...facts };
}

/** Milliseconds. More is not worth waiting for: without it, only the room on the target is known less well. */
const countingMs = 1_000;

async function countWritable(host: Host, container: ContainerRecord, signal: AbortSignal): Promise<number | undefined> {
  // The client's type knows only the fields of the devicemapper driver; containerd's image store gives no driver at all.
  const data: Readonly<Record<string, string | undefined>> = {
    ...(container.GraphDriver as ContainerRecord["GraphDriver"] | undefined)?.Data,
  };
  const directory = data.UpperDir;
  if (directory === undefined) return;
  const { exitCode, stdout } = await host.run(["timeout", String(countingMs / 1000), "du", "-skx", directory], { signal });
  return exitCode === 0 ? Number.parseInt(stdout, 10) * 1024 : undefined;
}

/** The configuration names a program of this machine. */
function criuOf(host: Host, program: string | undefined, signal: AbortSignal): Promise<Criu | undefined> {
  if (!isLocal(host.name)) return findCriuOn(host, criuFolders, signal);
  return program === undefined ? findCriu() : requireCriu({ program });
}
