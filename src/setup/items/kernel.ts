import { narrowAddressRemedy } from "../../compatibility/rules/architecture.ts";
import { isAtLeast } from "../../compatibility/versions.ts";
import { missingOptions, optionNames, optionsFor } from "../../kernel/missing.ts";
import type { Item } from "../item.ts";

/** What the compatibility rules `target.kernel`, `target.page-size` and `target.address-space` look at, and what the kernel was built with. */
export const kernelItems: readonly Item[] = [
  {
    name: "kernel",
    title: "Kernel",
    examine({ target: { hostFacts } }) {
      const { kernelRelease, architecture } = hostFacts;
      if (architecture !== "x86_64" && architecture !== "aarch64") {
        return { state: "blocked", found: `the machine is ${architecture}`, remedy: "Choose an x86_64 or ARM64 machine." };
      }
      return isAtLeast(kernelRelease, "5.9")
        ? { state: "good", found: `Linux ${kernelRelease}, ${architecture}` }
        : { state: "blocked", found: `Linux ${kernelRelease}`, remedy: "Use Linux 5.9 or later there." };
    },
  },
  {
    name: "page-size",
    title: "Page size",
    examine: ({ target: { hostFacts } }) =>
      hostFacts.pageSize === 4096
        ? { state: "good", found: "4096 bytes" }
        : {
            state: "blocked",
            found: `${hostFacts.pageSize} bytes; x86_64 programs need 4096`,
            remedy: "Boot a kernel with 4 KiB pages there (on Raspberry Pi 5: `kernel=kernel8.img` in config.txt).",
          },
  },
  {
    name: "address-space",
    title: "Address space",
    examine({ target: { hostFacts } }) {
      const { holdsX86Addresses, addressBits } = hostFacts;
      if (holdsX86Addresses) return { state: "good", found: `${addressBits} bits` };
      return {
        state: "blocked",
        found: addressBits === 0 ? "its size can't be read" : `${addressBits} bits; x86_64 programs need 47`,
        remedy: narrowAddressRemedy,
      };
    },
  },
  {
    name: "kernel-options",
    title: "Kernel options",
    examine({ target: { hostFacts, kernelConfig, host } }) {
      if (kernelConfig === undefined) {
        return {
          state: "limited",
          found: "the kernel does not tell what it was built with",
          remedy: "If you have its configuration, give it with `--kernel-config FILE`.",
        };
      }
      const missing = missingOptions(kernelConfig, hostFacts.architecture);
      const all = optionsFor(hostFacts.architecture).length;
      if (missing.length === 0) return { state: "good", found: `all ${all} are in ${kernelConfig.source}` };
      const reasons = missing.map(({ name, users, why }) => `CONFIG_${name} (${users.join(", ")}): ${why}`);
      return {
        state: "blocked",
        found: `${missing.length} of ${all} are not in ${kernelConfig.source}: ${optionNames(missing)}`,
        remedy: `Build them in: \`migrate-container setup ${host} --kernel-fragment\` prints what to add.\n${reasons.join("\n")}`,
      };
    },
  },
];
