import { setTimeout as delay } from "node:timers/promises";

/** Asks until there is an answer that counts as true; an error counts as none. @throws Error after `timeoutMs`, with the last error */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer>,
  timeoutMs = 30_000,
): Promise<NonNullable<Answer>> {
  let last: unknown;
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await delay(20)) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`waited in vain for ${what}`, { cause: last });
}
