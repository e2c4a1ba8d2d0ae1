import { programsOf } from "../execution.ts";
import { every, type Rule, sourceRule, targetRule } from "../rule.ts";

const resumed = sourceRule({
  name: "source.architecture",
  severity: "blocker",
  strategies: ["resume"],
  why: "What is resumed are programs of the machine itself, x86_64 or ARM64. A program under an emulator is the emulator's memory, not its own.",
  remedy: "Make the container from an image for the machine's architecture, or let it start anew with `--strategy replatform`.",
  see({ image, hostFacts: { architecture: machine } }) {
    const programs = programsOf({ image });
    return programs !== undefined && programs === machine
      ? []
      : [`the image is for ${image.Architecture}, the machine is ${machine}`];
  },
});

const named = {
  severity: "blocker",
  strategies: every,
  why: "It is not the machine that was meant.",
} as const;

const source = sourceRule({
  ...named,
  name: "source.named-architecture",
  remedy: "Leave `--source-arch` out, or name the machine that was meant (`--from`).",
  see: ({ hostFacts: { architecture } }, { expected }) =>
    expected.source === undefined || expected.source === architecture ? [] : [`it is ${architecture}, not ${expected.source}`],
});

const target = targetRule({
  ...named,
  name: "target.named-architecture",
  remedy: "Leave `--target-arch` out, or name the machine that was meant.",
  see: ({ hostFacts: { architecture } }, { expected }) =>
    expected.target === undefined || expected.target === architecture ? [] : [`it is ${architecture}, not ${expected.target}`],
});

export const machineRules: readonly Rule[] = [source, target, resumed];
