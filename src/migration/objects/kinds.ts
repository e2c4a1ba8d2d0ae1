import { rm } from "node:fs/promises";
import type { DockerEngine } from "../../engine/docker/engine.ts";
import { removeUnusedNetwork } from "../../engine/docker/networks.ts";
import { releaseRuntimes } from "../../engine/resume-runtime/register.ts";
import { targetPaths } from "../../engine/resume-runtime/wrapper.ts";
import type { Side } from "../move.ts";
import type { MadeObject, ObjectName, Role } from "./made-object.ts";
import { findCopy, moveLabel } from "./target-copy.ts";

/** How objects of one kind are undone. Undoing one that was never made, or is undone already, does nothing. */
export interface ObjectKind<Name extends ObjectName> {
  /** The machine it is on; `here` where the tool itself runs, which needs no `side`. */
  readonly role: Role | "here";
  /**
   * - `thaw`: lets the source go on. Comes as early as is safe.
   * - `running-copy`: ends the target's copy. Must succeed before the source may go on, once the copy may have run.
   * - `clean`: removes what was left.
   */
  readonly order: "thaw" | "running-copy" | "clean";
  /** What is said when it is undone: `removed the container web`. The machine's name is put after it. */
  title(object: ObjectOf<Name>): string;
  /** What it is, for what could not be undone: `container web`. */
  words(object: ObjectOf<Name>): string;
  /** @param side reaches the machine of the role, where that is needed */
  undo(object: ObjectOf<Name>, side: () => Promise<Side>, moveId: string): Promise<void>;
}

type ObjectOf<Name extends ObjectName> = Extract<MadeObject, { object: Name }>;

const kinds: { readonly [Name in ObjectName]: ObjectKind<Name> } = {
  runtime: {
    role: "target",
    order: "clean",
    title: () => "left the engine's configuration as it was",
    words: () => "the runtime `migrate-container` in the engine's configuration",
    undo: async (_object, side, moveId) => releaseRuntimes((await side()).engine, moveId),
  },
  image: {
    role: "target",
    order: "clean",
    title: ({ id }) => `removed the image ${id}`,
    words: ({ id }) => `image ${id}`,
    undo: async ({ id }, side) => removeImage((await side()).engine, id),
  },
  "pulled-image": {
    role: "target",
    order: "clean",
    title: ({ name }) => `removed the image ${name}`,
    words: ({ name }) => `image ${name}`,
    undo: async ({ name }, side) => removeImage((await side()).engine, name),
  },
  volume: {
    role: "target",
    order: "clean",
    title: ({ name }) => `removed the volume ${name}`,
    words: ({ name }) => `volume ${name}`,
    undo: async ({ name }, side) => (await side()).engine.removeVolume(name),
  },
  network: {
    role: "target",
    order: "clean",
    title: ({ name }) => `removed the network ${name}`,
    words: ({ name }) => `network ${name}`,
    undo: async ({ name }, side, moveId) => removeUnusedNetwork((await side()).engine, name, [moveLabel, moveId]),
  },
  bind: {
    role: "target",
    order: "clean",
    title: ({ path }) => `removed the folder ${path}`,
    words: ({ path }) => `folder ${path}`,
    // One that was only announced may be another's: it goes if it is empty.
    undo: async ({ path, filled }, side) => {
      const { host } = await side();
      await (filled ? host.must(["rm", "-rf", path]) : host.run(["rmdir", path]));
    },
  },
  container: {
    role: "target",
    order: "running-copy",
    title: ({ name }) => `removed the container ${name}`,
    words: ({ name }) => `container ${name}`,
    undo: async (_object, side, moveId) => removeCopy(await side(), moveId),
  },
  folder: {
    role: "target",
    order: "clean",
    title: () => "removed the package",
    words: ({ path }) => `folder ${path}`,
    undo: async ({ path }, side) => {
      await (await side()).host.must(["rm", "-rf", path]);
    },
  },
  freeze: {
    role: "source",
    order: "thaw",
    title: ({ name }) => `let ${name} go on`,
    words: ({ name }) => `the frozen container ${name}`,
    undo: async ({ id }, side) => (await side()).engine.thaw(id),
  },
  dump: {
    role: "source",
    order: "clean",
    title: () => "removed the dump",
    words: ({ path }) => `folder ${path}`,
    undo: async ({ path }, side) => {
      await (await side()).host.must(["rm", "-rf", path]);
    },
  },
  work: {
    role: "here",
    order: "clean",
    title: () => "removed the dump",
    words: ({ path }) => `folder ${path}`,
    undo: ({ path }) => rm(path, { recursive: true, force: true }),
  },
  file: {
    role: "here",
    order: "clean",
    title: () => "removed the unfinished file",
    words: ({ path }) => `file ${path}`,
    undo: ({ path }) => rm(path, { force: true }),
  },
};

/** How an object is undone. */
export function kindOf<Object extends MadeObject>(object: Object): ObjectKind<Object["object"]> {
  return kinds[object.object] as unknown as ObjectKind<Object["object"]>;
}

/** Images that others have begun to use meanwhile stay. */
async function removeImage(engine: DockerEngine, id: string): Promise<void> {
  if (!(await engine.hasImage(id))) return;
  const users = await engine.request("list containers", (client) =>
    client.listContainers({ all: true, filters: { ancestor: [id] } }),
  );
  if (users.length > 0) return;
  // By id, with all names: the move gave it only names that were free.
  await engine.request(`remove image ${id}`, (client) => client.getImage(id).remove({ force: true }));
}

/** Removes the copy and what waits for its first start, or was left by it. */
async function removeCopy({ engine, host }: Side, moveId: string): Promise<void> {
  for (;;) {
    const copy = await findCopy(engine, moveId);
    if (copy === undefined) return;
    await engine.remove(copy.Id, true, true);
    const { pending, resumed, clocks, makers } = targetPaths;
    await host.must(["rm", "-rf", ...[pending, resumed, clocks, makers].map((folder) => `${folder}/${copy.Id}`)]);
  }
}
