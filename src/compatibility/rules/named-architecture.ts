import { every, type Rule, sourceRule, targetRule } from "../rule.ts";

const resumed = sourceRule({
  name: "source.architecture",
  severity: "blocker",
  strategies: ["resume"],
  why: "So far x86_64 programs are resumed, from x86_64 machines.",
  remedy: "Choose a target of this machine's architecture, where CRIU restores them (`--strategy restore`).",
  see({ image, hostFacts }) {
    const machine = hostFacts.architecture === "x86_64" ? [] : [`the machine is ${hostFacts.architecture}`];
    return [...machine, ...(image.Architecture === "amd64" ? [] : [`the image is for ${image.Architecture}`])];
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
  remedy: "Leave `--source-arch` out, or run migrate-container on the machine that was meant.",
  see: ({ hostFacts: { architecture } }, { expected }) =>
    expected.source === undefined || expected.source === architecture
      ? []
      : [`this machine is ${architecture}, not ${expected.source}`],
});

const target = targetRule({
  ...named,
  name: "target.named-architecture",
  remedy: "Leave `--target-arch` out, or name the machine that was meant.",
  see: ({ hostFacts: { architecture } }, { expected }) =>
    expected.target === undefined || expected.target === architecture ? [] : [`it is ${architecture}, not ${expected.target}`],
});

export const machineRules: readonly Rule[] = [source, target, resumed];
