import type { Strategy } from "../../compatibility/strategy.ts";
import type { PlannedStep } from "./planned-step.ts";
import { replatformSteps } from "./replatform.ts";
import { restoreSteps } from "./restore.ts";
import { resumeSteps } from "./resume.ts";

const steps: Readonly<Record<Strategy, readonly PlannedStep[]>> = {
  resume: resumeSteps,
  restore: restoreSteps,
  replatform: replatformSteps,
};

/** The steps of a strategy up to the commit, in their order. */
export function stepsOf(strategy: Strategy): readonly PlannedStep[] {
  return steps[strategy];
}
