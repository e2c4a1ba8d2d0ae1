import type { Subject } from "../../compatibility/subject.ts";
import { mainNetwork } from "../../engine/docker/networks.ts";
import { MigrationError } from "../../errors.ts";
import { asItComes, type ComingOptions } from "../as-it-comes.ts";
import type { MigrateOptions } from "../migrate-options.ts";

/** Which containers are moved together. One of both is given. */
export interface GroupMembers {
  /** Names or ids of running containers of one engine: `web`, `podman:web`. */
  readonly containers?: readonly string[];
  /** The running containers of this project of docker compose: `shop`, `podman:shop`. */
  readonly composeProject?: string;
}

export type MigrateGroupOptions = Omit<MigrateOptions, "container"> & GroupMembers;

/** Options that are about one container, and what they are called on the command line. */
const ofOne = {
  name: "--name",
  publish: "--publish",
  healthCommand: "--health-cmd",
  image: "--image",
  imageArchive: "--image-archive",
  hookBefore: "--hook-before",
  hookAfter: "--hook-after",
} as const satisfies Partial<Record<keyof MigrateOptions, string>>;

/** @throws MigrationError `usage` for an option that can be of one container only */
export function refuseOptionsOfOne(options: Partial<Pick<MigrateOptions, keyof typeof ofOne>>): void {
  const given = (Object.keys(ofOne) as (keyof typeof ofOne)[]).filter((option) => options[option] !== undefined);
  if (given.length === 0) return;
  const names = given.map((option) => ofOne[option]).join(", ");
  throw new MigrationError("usage", `${names} can't be given with several containers`, {
    host: "local",
    remedy: "Leave it out, or move the containers one by one.",
  });
}

/**
 * The containers as they shall be on the target. What is asked of networks, bind mounts and devices goes to those that have them.
 * @throws MigrationError `usage` as `asItComes`, for what none of them has
 */
export function asTheyCome(subjects: readonly Subject[], options: ComingOptions): Subject[] {
  const { networks = {}, binds = {}, bindsThere = [], devices = {} } = options;
  const [known, mounted, equipped] = [subjects.map(networkNames), subjects.map(bindPaths), subjects.map(devicePaths)];
  // What none has is told by the first, which lacks it, too.
  const isFor = (all: readonly ReadonlySet<string>[], word: string, index: number) =>
    all[index]!.has(word) || (index === 0 && !all.some((words) => words.has(word)));
  const part = (all: readonly ReadonlySet<string>[], record: Readonly<Record<string, string>>, index: number) =>
    Object.fromEntries(Object.entries(record).filter(([word]) => isFor(all, word, index)));
  return subjects.map((subject, index) =>
    asItComes(subject, {
      ...options,
      networks: part(known, networks, index),
      binds: part(mounted, binds, index),
      devices: part(equipped, devices, index),
      bindsThere: bindsThere.filter((path) => isFor(mounted, path, index)),
    }),
  );
}

function networkNames({ container }: Subject): ReadonlySet<string> {
  const main = mainNetwork(container);
  return new Set([main === "default" ? "bridge" : main, ...Object.keys(container.NetworkSettings.Networks ?? {})]);
}

function bindPaths({ mounts = [] }: Subject): ReadonlySet<string> {
  return new Set(mounts.flatMap(({ type, source }) => (type === "bind" ? [source] : [])));
}

function devicePaths({ devices = [] }: Subject): ReadonlySet<string> {
  return new Set(devices.map(({ source }) => source));
}
