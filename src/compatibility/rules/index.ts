import type { Rule } from "../rule.ts";
import { architectureRules } from "./architecture.ts";
import { filesRules } from "./container-files.ts";
import { isolationRules } from "./container-isolation.ts";
import { networkRules } from "./container-network.ts";
import { settingsRules } from "./container-settings.ts";
import { stateRules } from "./container-state.ts";
import { descriptorRules } from "./descriptors.ts";
import { memoryRules } from "./memory.ts";
import { processRules } from "./processes.ts";
import { runtimeRules } from "./runtime.ts";
import { socketRules } from "./sockets.ts";
import { sourceRules } from "./source.ts";
import { targetRules } from "./target.ts";

/** All rules, by what they are about. The titles are those of docs/compatibility.md. */
export const ruleGroups: readonly { readonly title: string; readonly rules: readonly Rule[] }[] = [
  { title: "The container", rules: [...stateRules, ...isolationRules, ...filesRules, ...networkRules, ...settingsRules] },
  { title: "Its processes", rules: [...processRules, ...memoryRules, ...descriptorRules, ...socketRules] },
  { title: "The source", rules: sourceRules },
  { title: "The target", rules: [...targetRules, ...architectureRules, ...runtimeRules] },
];

export const rules: readonly Rule[] = ruleGroups.flatMap((group) => group.rules);
