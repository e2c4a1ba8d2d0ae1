import { type KernelOption, sources } from "./options.ts";

/** Options of one choice: setting one takes the other back. */
const excluded: Readonly<Record<string, readonly string[]>> = {
  ARM64_VA_BITS_48: ["ARM64_VA_BITS_39"],
  ARM64_4K_PAGES: ["ARM64_16K_PAGES", "ARM64_64K_PAGES"],
};

/** A configuration fragment, for `scripts/kconfig/merge_config.sh` of the kernel's source. */
export function kernelFragment(options: readonly KernelOption[]): string {
  const used = Object.entries(sources).filter(([user]) => options.some(({ users }) => users.some((each) => each === user)));
  const head = [
    "# What migrate-container needs a kernel to have. In the kernel's source:",
    "#   scripts/kconfig/merge_config.sh -m .config THIS_FILE && make olddefconfig",
    ...used.map(([user, source]) => `# ${user}: ${source}`),
  ];
  return `${[...head, "", ...options.flatMap(linesOf)].join("\n")}\n`;
}

function linesOf({ name, users, why }: KernelOption): string[] {
  const others = (excluded[name] ?? []).map((other) => `# CONFIG_${other} is not set`);
  return [`# ${users.join(", ")}: ${why}`, `CONFIG_${name}=y`, ...others];
}
