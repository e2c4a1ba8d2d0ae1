import { type Finding, type Report, reportOf } from "../../compatibility/report.ts";
import { MigrationError } from "../../errors.ts";
import type { MigrationResult } from "../../migration/result.ts";

export const emulatorMissing: Finding = {
  rule: "target.emulator",
  severity: "blocker",
  blocks: ["resume"],
  concerns: ["resume"],
  host: "ssh://root@board",
  seen: "no emulator for x86_64 is registered",
  why: "The target's processor can't run the program's instructions itself.",
  remedy: "Install qemu-user-static there.",
};

export const clockDiffers: Finding = {
  rule: "target.clock",
  severity: "warning",
  blocks: [],
  concerns: ["resume", "restore"],
  host: "ssh://root@board",
  seen: "the clocks differ by 12 s",
  why: "The program would see time jump.",
};

export const runs: Finding = {
  rule: "container.running",
  severity: "info",
  blocks: [],
  concerns: ["resume", "restore", "replatform"],
  host: "local",
  seen: "web runs",
  why: "Only what runs can be moved.",
};

export const otherArchitecture: Finding = {
  rule: "restore.architecture",
  severity: "blocker",
  blocks: ["restore"],
  concerns: ["restore"],
  host: "local",
  seen: "this machine is x86_64, the target aarch64",
  why: "CRIU restores machine code as it is.",
  remedy: "Choose a target of this architecture.",
};

export const readyReport: Report = reportOf([runs, clockDiffers, otherArchitecture]);
export const blockedReport: Report = reportOf([runs, emulatorMissing, clockDiffers, otherArchitecture]);

const common = {
  id: "20261101120000-abcdef",
  container: "web",
  source: "local",
  sourceEngine: "docker",
  target: "ssh://root@board",
  strategy: "resume",
  steps: [
    { step: "send-image", status: "done", durationMs: 2000 },
    { step: "send", status: "done", durationMs: 3000 },
  ],
  figures: {
    downtimeMs: 4200,
    frozenMs: 420,
    totalMs: 63_000,
    bytesSent: 50 * 1024 ** 2,
    memoryBytes: 45 * 1024 ** 2,
    fileBytes: 4096,
  },
  notes: ["TCP connections were reset"],
  report: readyReport,
} as const;

export const migrated: MigrationResult = {
  ...common,
  status: "migrated",
  targetContainerId: "0123456789abcdef0123",
  remains: [],
};
export const planned: MigrationResult = {
  ...common,

  status: "planned",
  notes: [],
  plan: ["send the image", "freeze web here"],
};
export const refused: MigrationResult = {
  ...common,
  status: "refused",
  notes: [],
  report: blockedReport,
  error: new MigrationError("incompatible", "no emulator for x86_64 is registered", { host: "ssh://root@board" }),
};
export const rolledBack: MigrationResult = {
  ...common,
  status: "rolled-back",
  remains: [],
  error: new MigrationError("resume-failed", "the program ended with SIGILL", {
    host: "ssh://root@board",
    remedy: "Use a target with the same processor features.",
    details: { signal: 4n },
    cause: new Error("exit status 132"),
  }),
};
export const interrupted: MigrationResult = {
  ...common,
  status: "rolled-back",
  remains: [],
  error: new MigrationError("cancelled", "interrupted by SIGINT"),
};
export const stuck: MigrationResult = {
  ...common,
  status: "stuck",
  error: new MigrationError("rollback-failed", "the target can't be reached", { host: "ssh://root@board" }),
  remains: ["container web on ssh://root@board"],
};
