import type { CoreEntry } from "../../criu/images/schema/index.ts";
import { aarch64 } from "./aarch64/architecture.ts";
import type { Architecture } from "./architecture.ts";
import { x86 } from "./x86_64/architecture.ts";

const architectures: readonly Architecture[] = [x86, aarch64];

/** The architecture of a dumped thread; undefined when it is none that programs are made for. */
export function architectureOf(entry: CoreEntry): Architecture | undefined {
  return architectures.find(({ stateOf }) => stateOf(entry) !== undefined);
}
