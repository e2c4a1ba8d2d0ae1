import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { openHost } from "../host/open.ts";
import { readKernelConfigFile } from "../kernel/read-config.ts";
import type { Examination, Item, MendContext } from "./item.ts";
import { items } from "./items/index.ts";
import { type MachineFacts, readMachineFacts } from "./machine-facts.ts";

export interface MachineOptions {
  /** `local`, `ssh://…`: as `openHost` takes it. */
  readonly target: string;
  readonly sshConfig?: string | undefined;
  /** A file of this machine, taken instead of what the target says of its kernel. */
  readonly kernelConfig?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

export interface SetUpOptions extends MachineOptions {
  /** Asked before anything is changed, with what was found; no: nothing is. */
  readonly approve: (items: readonly ExaminedItem[]) => Promise<boolean>;
}

/** An item, and how it stands. */
export type ExaminedItem = Examination & { readonly name: string; readonly title: string };

/**
 * `unchanged`: there was nothing to mend; `declined`: it was not approved; `mended`: all that could be was put right; `failed`: something
 * that should have been put right was not. Whether all is well then, the items' states say.
 */
export interface SetUpResult {
  readonly status: "unchanged" | "declined" | "mended" | "failed";
  /** The machine, as the user named it. */
  readonly host: string;
  /** As they are now. */
  readonly items: readonly ExaminedItem[];
  /** Names of those that were put right. */
  readonly mended: readonly string[];
  readonly errors: readonly { readonly item: string; readonly error: MigrationError }[];
}

/**
 * Examines a machine, and after approval puts right what can be. A second run changes nothing.
 * @throws MigrationError `usage`, `target-unreachable`, `cancelled`
 */
export async function setUpMachine(options: SetUpOptions): Promise<SetUpResult> {
  const { signal, onProgress = () => {}, approve } = options;
  await using machine = await openMachine(options);
  const before = await machine.read();
  const found = examineItems(before);
  const result = { host: machine.host.name, items: found, mended: [], errors: [] } as const;
  if (!found.some(({ state }) => state === "mendable")) return { ...result, status: "unchanged" };
  if (!(await approve(found))) return { ...result, status: "declined" };
  const errors: SetUpResult["errors"][number][] = [];
  let facts = before;
  for (const item of items) {
    if (item.examine(facts)?.state !== "mendable") continue;
    const error = await mend(item, { host: machine.host, facts, signal, onProgress });
    if (error !== undefined) errors.push({ item: item.name, error });
    // What comes next may build on it.
    facts = await machine.read();
  }
  const now = examineItems(facts);
  const isStill = (name: string) => now.some((item) => item.name === name && item.state === "mendable");
  const mended = found.filter(({ name, state }) => state === "mendable" && !isStill(name)).map(({ name }) => name);
  const failed = errors.length > 0 || now.some(({ state }) => state === "mendable");
  return { host: machine.host.name, status: failed ? "failed" : "mended", items: now, mended, errors };
}

/** Reaches a machine and says how to read it. */
export async function openMachine({ target, sshConfig, kernelConfig, signal }: MachineOptions): Promise<Machine> {
  const config = kernelConfig === undefined ? undefined : await readKernelConfigFile(kernelConfig);
  const host = await openHost(target, { configFile: sshConfig, signal });
  return {
    host,
    read: () => readMachineFacts(host, { kernelConfig: config, signal }),
    [Symbol.asyncDispose]: () => host.close(),
  };
}

export interface Machine extends AsyncDisposable {
  readonly host: Host;
  read(): Promise<MachineFacts>;
}

export function examineItems(facts: MachineFacts): ExaminedItem[] {
  return items.flatMap((item) => {
    const examination = item.examine(facts);
    return examination === undefined ? [] : [{ name: item.name, title: item.title, ...examination }];
  });
}

/** @returns what went wrong; the other items are tried all the same */
async function mend(item: Item, context: MendContext): Promise<MigrationError | undefined> {
  try {
    await item.mend?.(context);
    return undefined;
  } catch (error) {
    if (!(error instanceof MigrationError) || error.code === "cancelled" || error.code === "target-unreachable") throw error;
    return error;
  }
}
