import { readFileSync } from "node:fs";
import type { ResumeTarget } from "../target.ts";

/** This machine, as the target of what it has dumped. */
export const sameCpu: ResumeTarget = {
  architecture: "x86_64",
  execution: "native",
  avx512: /\bavx512f\b/.test(readFileSync("/proc/cpuinfo", "utf8")),
  redispatch: false,
  lacks: new Set(),
};

/** This machine as if it lacked what emulators lack. */
export const fewerFeatures: ResumeTarget = {
  architecture: "x86_64",
  execution: "native",
  avx512: false,
  redispatch: true,
  lacks: new Set(),
};
