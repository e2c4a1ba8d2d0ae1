/** Takes a checkpoint in a process of its own, which kills itself once a certain entry of the journal is written. */
import { takeCheckpoint } from "../take/take-checkpoint.ts";

/** What its argument says. `point`: `step dump`, `object freeze`, `undone file`, `committed`. */
interface Task {
  readonly container: string;
  readonly output: string;
  readonly stop: boolean;
  readonly point: string;
}

const { point, ...request } = JSON.parse(process.argv[2]!) as Task;
await takeCheckpoint({
  ...request,
  afterEntry: (entry) => {
    const what = "step" in entry ? ` ${entry.step}` : "object" in entry ? ` ${entry.object.object}` : "";
    if (`${entry.kind}${what}` === point) process.kill(process.pid, "SIGKILL");
  },
});
