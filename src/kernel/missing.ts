import { isSet, type KernelConfig } from "./config.ts";
import { type KernelOption, type KernelUser, kernelOptions } from "./options.ts";

/** The options that a machine of this architecture needs. @param architecture as `uname -m` says it */
export function optionsFor(architecture: string): readonly KernelOption[] {
  return kernelOptions.filter((option) => option.architecture === undefined || option.architecture === architecture);
}

/** The options that a kernel lacks and that have no substitute in it. */
export function missingOptions(config: KernelConfig, architecture: string): readonly KernelOption[] {
  return optionsFor(architecture).filter(({ name, instead = [] }) => ![name, ...instead].some((each) => isSet(config, each)));
}

/** As `missingOptions`, of one user. */
export function missingFor(user: KernelUser, config: KernelConfig, architecture: string): readonly KernelOption[] {
  return missingOptions(config, architecture).filter(({ users }) => users.includes(user));
}

/** Names as the kernel's configuration writes them. */
export function optionNames(options: readonly KernelOption[]): string {
  return options.map(({ name }) => `CONFIG_${name}`).join(", ");
}
