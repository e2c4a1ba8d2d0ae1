import { MigrationError } from "../errors.ts";
import { readHostFacts } from "../host/facts.ts";
import { openHost } from "../host/open.ts";
import { isSet, type KernelConfig } from "../kernel/config.ts";
import { kernelFragment } from "../kernel/fragment.ts";
import { missingOptions } from "../kernel/missing.ts";
import { type KernelOption, kernelOptions } from "../kernel/options.ts";
import { readKernelConfig, readKernelConfigFile } from "../kernel/read-config.ts";
import type { MachineOptions } from "./set-up-machine.ts";

export interface KernelFragment {
  /** As a file of the kernel's configuration. */
  readonly fragment: string;
  readonly missing: readonly KernelOption[];
}

/**
 * What a kernel has to be built with: all of it; or with a target or the file of a configuration what that kernel lacks.
 * @throws MigrationError `usage` for a file that can't be read, `target-unreachable`, `command-failed` when the target does not tell
 */
export async function kernelFragmentFor(
  options: Omit<MachineOptions, "target"> & { readonly target?: string | undefined },
): Promise<KernelFragment> {
  const missing = await missingIn(options);
  return { fragment: kernelFragment(missing), missing };
}

async function missingIn({
  target,
  kernelConfig,
  sshConfig,
  signal,
}: Parameters<typeof kernelFragmentFor>[0]): Promise<readonly KernelOption[]> {
  const ofFile = kernelConfig === undefined ? undefined : await readKernelConfigFile(kernelConfig);
  if (target === undefined) return ofFile === undefined ? kernelOptions : missingOptions(ofFile, architectureOf(ofFile));
  await using host = await openHost(target, { configFile: sshConfig, signal });
  const config = ofFile ?? (await readKernelConfig(host, signal));
  if (config === undefined) {
    throw new MigrationError("command-failed", "its kernel does not tell what it was built with", {
      host: host.name,
      remedy: "Give its configuration with `--kernel-config FILE`, or leave the target out to have all that is needed.",
    });
  }
  const { architecture } = await readHostFacts(host, [], signal);
  return missingOptions(config, architecture);
}

function architectureOf(config: KernelConfig): string {
  return isSet(config, "X86_64") ? "x86_64" : "aarch64";
}
