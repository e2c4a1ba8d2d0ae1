import { ensureSource } from "./support/surroundings.ts";

/** Runs once before all tests (node --test-global-setup): those beside the code use this machine's Docker and CRIU, too. */
export async function globalSetup(): Promise<void> {
  await ensureSource();
}
