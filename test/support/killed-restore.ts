/** Restores an archive in a process of its own, which kills itself once a certain entry of the journal is written. */
import { restore } from "../../src/index.ts";

/** What its argument says. `point`: `step start`, `object container`, `committed`. */
interface Task {
  readonly archive: string;
  readonly target: string;
  readonly name: string;
  readonly sshConfig?: string;
  readonly point: string;
}

const { point, ...request } = JSON.parse(process.argv[2]!) as Task;
await restore({
  ...request,
  afterEntry: (entry) => {
    const what = "step" in entry ? ` ${entry.step}` : "object" in entry ? ` ${entry.object.object}` : "";
    if (`${entry.kind}${what}` === point) process.kill(process.pid, "SIGKILL");
  },
});
