import { ensureLocalDocker } from "../../lab/docker.ts";
import { installCriuBundle } from "../../src/criu/bundle/install-bundle.ts";

/** What every end-to-end test needs on this machine: Docker and a CRIU that can dump. */
export async function ensureSource(): Promise<void> {
  await ensureLocalDocker();
  await installCriuBundle();
}
