import { type Criu, findCriu, requireCriu } from "../bundle/find-criu.ts";
import { installCriuBundle } from "../bundle/install-bundle.ts";

/** A CRIU that can dump here; installed in its usual place when there is none. */
export async function criuForTests(): Promise<Criu> {
  const present = await findCriu();
  if (present !== undefined) {
    return present;
  }
  await installCriuBundle();
  return await requireCriu();
}
