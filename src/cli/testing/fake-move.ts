/**
 * The program with a library that only pretends to move. It tells when the move is under way, and rolls back when it is
 * cancelled, which takes as many milliseconds as ROLLBACK_MS says.
 */
import { setTimeout } from "node:timers/promises";
import { library } from "../library.ts";
import { runCli } from "../run-cli.ts";
import { processSurroundings } from "../surroundings.ts";
import { interrupted, migrated } from "./results.ts";

process.exitCode = await runCli(
  process.argv.slice(2),
  processSurroundings({
    ...library,
    migrate: async ({ signal, onEvent }) => {
      onEvent?.({ type: "step-started", step: "dump", atMs: 0, title: "Dump" });
      try {
        await setTimeout(30_000, undefined, { signal: signal! });
        return migrated;
      } catch {
        onEvent?.({ type: "rollback-started", atMs: 1, reason: signal?.reason });
        await setTimeout(Number(process.env.ROLLBACK_MS));
        onEvent?.({ type: "rollback-step", atMs: 2, title: "thawed web" });
        return interrupted;
      }
    },
  }),
);
