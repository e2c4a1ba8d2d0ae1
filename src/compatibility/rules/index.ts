import type { Rule } from "../rule.ts";
import { architectureRules } from "./architecture.ts";
import { targetConfinementRules } from "./confinement.ts";
import { filesRules } from "./container-files.ts";
import { confinementRules, isolationRules } from "./container-isolation.ts";
import { networkRules } from "./container-network.ts";
import { settingsRules } from "./container-settings.ts";
import { stateRules } from "./container-state.ts";
import { deletedFileRules } from "./deleted-files.ts";
import { descriptorRules } from "./descriptors.ts";
import { deviceRules } from "./devices.ts";
import { kernelOptionRules } from "./kernel-options.ts";
import { memoryRules } from "./memory.ts";
import { machineRules } from "./named-architecture.ts";
import { processRules } from "./processes.ts";
import { imageRules, replatformRules } from "./replatform.ts";
import { restoreArchitectureRules, restoreRules } from "./restore.ts";
import { runtimeRules } from "./runtime.ts";
import { sharedNetworkRules } from "./shared-network.ts";
import { socketRules } from "./sockets.ts";
import { sourceRules } from "./source.ts";
import { targetRules } from "./target.ts";

/** All rules, by what they are about. The titles are those of docs/compatibility.md. */
export const ruleGroups: readonly { readonly title: string; readonly rules: readonly Rule[] }[] = [
  {
    title: "The container",
    rules: [...stateRules, ...isolationRules, ...deviceRules, ...filesRules, ...networkRules, ...sharedNetworkRules],
  },
  { title: "Its processes", rules: [...processRules, ...memoryRules, ...descriptorRules, ...deletedFileRules, ...socketRules] },
  { title: "The machines", rules: [...sourceRules, ...targetRules, ...kernelOptionRules, ...restoreRules, ...replatformRules] },
  { title: "The architecture", rules: [...machineRules, ...architectureRules, ...restoreArchitectureRules, ...imageRules] },
  {
    title: "The runtime configuration",
    rules: [...confinementRules, ...settingsRules, ...targetConfinementRules, ...runtimeRules],
  },
];

export const rules: readonly Rule[] = ruleGroups.flatMap((group) => group.rules);
