import { findCriuOn } from "../criu/bundle/criu-on-host.ts";
import type { Criu } from "../criu/bundle/find-criu.ts";
import { plainName } from "../engine/docker/container-name.ts";
import type { DockerEngine } from "../engine/docker/engine.ts";
import type { EngineInfo } from "../engine/docker/info.ts";
import { isBundleRuntime } from "../engine/engine-name.ts";
import { isOwnRuntime, targetPaths } from "../engine/resume-runtime/wrapper.ts";
import { readingMs, withDeadline } from "../host/deadline.ts";
import { type HostFacts, readHostFacts } from "../host/facts.ts";
import type { Host, WithoutRoot } from "../host/host.ts";
import type { KernelConfig } from "../kernel/config.ts";
import { readKernelConfig } from "../kernel/read-config.ts";
import type { Emulator } from "../resume/emulators/emulator.ts";
import { criuFolders } from "./criu-folders.ts";
import type { Endpoint } from "./live-facts.ts";
import { type DeviceNode, readDeviceNodes } from "./reading/devices.ts";
import { parseTarget } from "./reading/target.ts";
import { targetScript } from "./reading/target-script.ts";
import type { ReadOptions, Subject } from "./subject.ts";

/** An OCI runtime on a machine. */
export interface OciRuntime {
  /** Absolute path. */
  readonly path: string;
  readonly program: "crun" | "runc";
  /** `1.21`. */
  readonly version: string;
  /** Whether it understands `linux.timeOffsets`. */
  readonly timeNamespaces: boolean;
}

export interface UsedPort extends Endpoint {
  readonly protocol: "tcp" | "udp";
}

/** Everything that can be known of a target before anything is changed there. */
export interface TargetFacts {
  /** The machine, as the user named it. */
  readonly host: string;
  readonly hostFacts: HostFacts;
  /** Undefined where commands run as root. */
  readonly withoutRoot?: WithoutRoot | undefined;
  /** The emulator that the user wants to be used instead of the machine's own choice. */
  readonly emulator?: Emulator | undefined;
  /** Undefined when no engine answers. */
  readonly engine: EngineInfo | undefined;
  /** Names of all its containers. */
  readonly containerNames: ReadonlySet<string>;
  /** The subnets (\`172.17.0.0/16\`) of its networks, that the user made and of Docker's own, by their names. */
  readonly networks: ReadonlyMap<string, readonly string[]>;
  /** Names of its volumes. */
  readonly volumeNames: ReadonlySet<string>;
  /** Those of the container's bind mounts that are there already, by their paths. Empty until `withPaths` has looked. */
  readonly existingPaths: ReadonlySet<string>;
  /** Ports on which something listens, or which a container publishes. */
  readonly usedPorts: readonly UsedPort[];
  /** IP addresses of the machine itself. */
  readonly addresses: ReadonlySet<string>;
  /** The best for resuming comes first. */
  readonly runtimes: readonly OciRuntime[];
  /** Whether the kernel has time namespaces. */
  readonly timeNamespaces: boolean;
  /** Whether `unshare` makes time namespaces with other clocks there, in which programs may do what they may outside. */
  readonly unshareSetsClocks: boolean;
  /** Programs that a move needs there and that are missing: `GNU tar`, `sha256sum`. */
  readonly missingTools: readonly string[];
  /** The folder, of the tool's own or above it, that the user there can't write to. */
  readonly readOnlyFolder?: string | undefined;
  /** A CRIU that can restore. */
  readonly criu: FoundCriu | undefined;
  /** Those of the container's devices that are there, by their paths. Empty until `withPaths` has looked. */
  readonly devices: ReadonlyMap<string, DeviceNode>;
  /** Names of the AppArmor profiles that its kernel knows. */
  readonly appArmorProfiles: ReadonlySet<string>;
  /** What the kernel calls its present run. Empty when it can't be read. */
  readonly bootId: string;
  /** What its kernel was built with; undefined when the machine does not tell. */
  readonly kernelConfig: KernelConfig | undefined;
}

/** A CRIU, and what its own check (`criu check`) says that the kernel lacks. */
export interface FoundCriu extends Criu {
  readonly problems: readonly string[];
}

/**
 * Reads all of it without changing anything.
 * @param engine undefined when none answers there
 * @throws MigrationError `target-unreachable` also when it takes too long, `engine-request-failed`, `command-failed`, `cancelled`
 */
export function readTargetFacts(
  host: Host,
  engine: DockerEngine | undefined,
  { signal, emulator, deadlineMs: ms = readingMs }: ReadOptions & Pick<TargetFacts, "emulator"> = {},
): Promise<TargetFacts> {
  const waiting = { host: host.name, what: "reading what the machine is", ms, signal };
  return withDeadline(waiting, (both) => read(host, engine, emulator, both));
}

async function read(
  host: Host,
  engine: DockerEngine | undefined,
  emulator: Emulator | undefined,
  signal: AbortSignal,
): Promise<TargetFacts> {
  const info = await engine?.info();
  const runtimes = [...(info?.runtimes ?? [])].flatMap(([name, program]) =>
    isOwnRuntime(name) || program === "" ? [] : [program],
  );
  const marker = `@@${crypto.randomUUID()}`;
  const directories = [targetPaths.root, ...(info === undefined ? [] : [info.rootDirectory])];
  const [hostFacts, text, criu, kernelConfig, containers, networks, volumeNames] = await Promise.all([
    readHostFacts(host, directories, signal),
    host.script(targetScript, [marker, ...runtimes], { signal }),
    checkedCriu(host, signal),
    readKernelConfig(host, signal),
    engine?.list({ all: true }) ?? [],
    engine?.subnets() ?? new Map<string, readonly string[]>(),
    engine?.volumeNames() ?? new Set<string>(),
  ]);
  const { usedPorts, ...machine } = parseTarget(text, marker);
  // Without Docker's userland proxy nothing listens on a published port.
  const published = containers.flatMap(({ State: state, Ports: ports }) =>
    // Podman tells those of stopped containers, too.
    (state === "exited" || state === "created" ? [] : (ports ?? [])).flatMap(
      ({ IP: address = "", PublicPort: port, Type: type }) =>
        port > 0 && (type === "tcp" || type === "udp") ? [{ protocol: type, address, port } as const] : [],
    ),
  );
  return {
    host: host.name,
    hostFacts,
    withoutRoot: host.withoutRoot,
    emulator,
    engine: info,
    containerNames: new Set(containers.flatMap(({ Names: names }) => names.map(plainName))),
    networks,
    volumeNames,
    existingPaths: new Set(),
    devices: new Map(),
    usedPorts: [...usedPorts, ...published],
    criu,
    kernelConfig,
    ...machine,
    // A bundle's container stays with the runtime that is asked.
    runtimes: isBundleRuntime(info?.engine)
      ? machine.runtimes.filter(({ program }) => program === info.engine)
      : machine.runtimes,
  };
}

async function checkedCriu(host: Host, signal: AbortSignal): Promise<FoundCriu | undefined> {
  const criu = await findCriuOn(host, criuFolders, signal);
  if (criu === undefined) return;
  const { exitCode, stderr } = await host.run([criu.program, "check"], { signal });
  const errors = stderr.split("\n").flatMap((line) => /Error \([^)]*\): (.*)$/.exec(line)?.[1] ?? []);
  return { ...criu, problems: exitCode === 0 ? [] : errors.length === 0 ? [`criu check ended with status ${exitCode}`] : errors };
}

/** Adds which of the container's bind mounts are there already, and which of its devices. @throws MigrationError as `Host.script` */
export async function withPaths(
  facts: TargetFacts,
  host: Host,
  { mounts = [], devices = [] }: Pick<Subject, "mounts" | "devices">,
  signal?: AbortSignal,
): Promise<TargetFacts> {
  const paths = mounts.flatMap(({ type, there }) => (type === "bind" ? [there] : []));
  const nodes = devices.map(({ there }) => there);
  return {
    ...facts,
    existingPaths: await existingOf(host, paths, signal),
    devices: await readDeviceNodes(host, nodes, signal),
  };
}

async function existingOf(host: Host, paths: readonly string[], signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const script = 'for path in "$@"; do if [ -e "$path" ] || [ -L "$path" ]; then echo there; else echo; fi; done';
  const lines = (await host.script(script, paths, { signal })).split("\n");
  return new Set(paths.filter((_, index) => lines[index] === "there"));
}
