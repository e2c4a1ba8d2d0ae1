import assert from "node:assert/strict";
import { eventually } from "../../src/resume/testing/eventually.ts";
import type { Published } from "../support/docker.ts";
import type { Workload } from "./workload.ts";

/** The answer of a program that tells its state as JSON over HTTP, and keeps the numbers that it is given. */
export type State = Readonly<Record<string, unknown>> & { readonly kept: readonly number[] };

/** The path at which a service tells what takes it long to tell, too. */
const everything = "/all";

export interface Service extends Omit<Workload, "know"> {
  /** Fields that are equal before and after the move. */
  readonly equal: readonly string[];
  /** Numbers, or lists of them, that are not less after the move, and then grow. */
  readonly growing: readonly string[];
  /** What else is known of it. */
  readonly more?: Workload["know"];
}

/** A workload whose state is in the fields of its answer. */
export function service({ equal, growing, more, ...workload }: Service): Workload {
  return {
    ...workload,
    know: async (here) => {
      await ask(here.published);
      const kept = Array.from({ length: 3 }, () => Math.floor(Math.random() * 1000));
      for (const number of kept) await ask(here.published, `/keep/${number}`);
      const checkMore = await more?.(here);
      const before = await ask(here.published, everything);
      assert.deepEqual(before.kept, kept);
      for (const field of equal) assert.notEqual(before[field] ?? undefined, undefined, field);
      return async (there) => {
        const after = await ask(there.published, everything);
        for (const field of ["kept", ...equal]) assert.deepEqual(after[field], before[field], field);
        for (const field of growing) assertGrown(field, before, after, (less, more) => less <= more);
        await eventually("the program to go on", async () => {
          const later = await ask(there.published);
          for (const field of growing) assertGrown(field, after, later, (less, more) => less < more);
          return true;
        });
        assert.deepEqual((await ask(there.published, "/keep/77")).kept, [...kept, 77]);
        await checkMore?.(there);
      };
    },
  };
}

function assertGrown(field: string, before: State, after: State, holds: (less: number, more: number) => boolean): void {
  const [less, more] = [numbers(field, before), numbers(field, after)];
  const grown = less.length === more.length && less.every((number, index) => holds(number, more[index] ?? Number.NaN));
  assert.ok(grown, `${field}: ${less.join(" ")}, then ${more.join(" ")}`);
}

function numbers(field: string, state: State): number[] {
  const values = [state[field]].flat();
  for (const value of values) assert.equal(typeof value, "number", field);
  return values as number[];
}

/** Asks a service, trying until it answers. */
export async function ask({ address, port }: Published, path = "/"): Promise<State> {
  return await eventually("an answer", async () => {
    const response = await fetch(`http://${address}:${port}${path}`, {
      signal: AbortSignal.timeout(60_000),
      headers: { connection: "close" },
    });
    return (await response.json()) as State;
  });
}
