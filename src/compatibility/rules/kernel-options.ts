import { isBundleRuntime } from "../../engine/engine-name.ts";
import { isSet } from "../../kernel/config.ts";
import { missingFor, optionNames } from "../../kernel/missing.ts";
import type { KernelUser } from "../../kernel/options.ts";
import { every, type Rule, targetRule } from "../rule.ts";
import type { TargetFacts } from "../target-facts.ts";

const remedy =
  "Build them in: `migrate-container setup <target> --kernel-fragment` prints what to add to the kernel's configuration.";

/** Options that other rules look for where they take effect, which is more certain than the file. */
const seenOtherwise = new Set(["ARM64_VA_BITS_48", "ARM64_4K_PAGES", "TIME_NS", "BINFMT_MISC", "CHECKPOINT_RESTORE"]);

/** Nothing where the kernel does not tell what it was built with. */
function missing(user: KernelUser, { kernelConfig, hostFacts }: TargetFacts): string[] {
  if (kernelConfig === undefined) return [];
  const options = missingFor(user, kernelConfig, hostFacts.architecture).filter(({ name }) => !seenOtherwise.has(name));
  return options.length === 0 ? [] : [`its kernel was built without ${optionNames(options)}`];
}

const checkpointRestore = targetRule({
  name: "target.checkpoint-restore",
  severity: "blocker",
  strategies: ["resume", "restore"],
  why: "Only a kernel with this option lets a process choose the ids of its children (ns_last_pid) and say where its parts lie (PR_SET_MM_MAP).",
  remedy:
    "Use a kernel with CONFIG_CHECKPOINT_RESTORE there: `migrate-container setup --kernel-fragment` prints all that it needs.",
  see: ({ kernelConfig }) =>
    kernelConfig === undefined || isSet(kernelConfig, "CHECKPOINT_RESTORE")
      ? []
      : ["its kernel was built without CONFIG_CHECKPOINT_RESTORE"],
});

const dockerOptions = targetRule({
  name: "target.kernel-options",
  severity: "warning",
  strategies: every,
  why: "Docker counts on these options of the kernel (its check-config.sh): without, containers don't start, or have no network.",
  remedy,
  see: (target) => (isBundleRuntime(target.engine?.engine) ? [] : missing("docker", target)),
});

const criuOptions = targetRule({
  name: "restore.kernel-options",
  severity: "warning",
  strategies: ["restore"],
  why: "CRIU counts on these options of the kernel (criu.org/Linux_kernel). Many containers are restored without some of them.",
  remedy,
  see: (target) => missing("criu", target),
});

export const kernelOptionRules: readonly Rule[] = [checkpointRestore, dockerOptions, criuOptions];
