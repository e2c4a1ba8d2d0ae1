import { createReadStream } from "node:fs";
import { usableEmulator } from "../../compatibility/execution.ts";
import { isSet } from "../../kernel/config.ts";
import { binfmtLine, entryName } from "../binfmt-entry.ts";
import { fetchEmulator } from "../fetch-emulator.ts";
import type { Examination, Item } from "../item.ts";
import type { MachineFacts } from "../machine-facts.ts";
import { placeFile } from "../place-file.ts";

/** ARM64 machines run x86_64 programs under it. */
export const emulator: Item = {
  name: "emulator",
  title: "x86_64 emulator",
  examine(facts) {
    const { target, places } = facts;
    if (target.hostFacts.architecture !== "aarch64") return undefined;
    const usable = usableEmulator(target);
    if (usable !== undefined) {
      return {
        state: "good",
        found: `${usable.path}${usable.emulator.version === undefined ? "" : `, version ${usable.emulator.version}`}, usable by containers`,
      };
    }
    const found = whyNot(facts);
    const blocked = whatHinders(facts, found);
    if (blocked !== undefined) return blocked;
    const send = `put QEMU's qemu-x86_64, from Debian's signed packages, into ${places.emulator}`;
    return {
      state: "mendable",
      found,
      changes: [send, "register it in binfmt_misc, with the flag F so that containers can use it"],
    };
  },
  async mend({ host, facts, signal, onProgress }) {
    const { path, version } = await fetchEmulator({ architecture: "arm64", signal, onProgress });
    onProgress(`sending QEMU ${version}`);
    await placeFile(host, { path: facts.places.emulator, mode: "755", content: createReadStream(path), signal });
    onProgress("registering it in binfmt_misc");
    await host.script(register, [entryName, binfmtLine(facts.places.emulator)], { signal });
  },
};

/** The newest entry is asked first (fs/binfmt_misc.c), so that one of the distribution's may stay. */
const register = `
PATH=$PATH:/usr/sbin:/sbin
directory=/proc/sys/fs/binfmt_misc
if [ ! -e $directory/register ]; then
  modprobe binfmt_misc 2>/dev/null || true
  mount -t binfmt_misc binfmt_misc $directory
fi
echo 1 >$directory/status
if [ -e "$directory/$1" ]; then echo -1 >"$directory/$1"; fi
printf %s "$2" >$directory/register`;

function whyNot({ target }: MachineFacts): string {
  const { emulators } = target.hostFacts;
  if (emulators.length === 0) return "no emulator for x86_64 programs is registered";
  const reasons = emulators.map(({ interpreter, enabled, flags, version }) => {
    if (!enabled) return `${interpreter} is switched off`;
    return flags.includes("F")
      ? `${interpreter} is version ${version}`
      : `${interpreter} can't be used by containers (flags: ${flags || "none"})`;
  });
  return reasons.join("; ");
}

function whatHinders({ target, system }: MachineFacts, found: string): Examination | undefined {
  const { kernelConfig, host, hostFacts } = target;
  const kernelHasNone = kernelConfig !== undefined && !isSet(kernelConfig, "BINFMT_MISC");
  if (system.binfmt !== "mounted" && (kernelHasNone || system.binfmt === "none")) {
    const remedy = `Use a kernel with CONFIG_BINFMT_MISC there: \`migrate-container setup ${host} --kernel-fragment\` prints what to build in.`;
    return { state: "blocked", found: `${found}; the kernel has no binfmt_misc`, remedy };
  }
  if (!hostFacts.holdsX86Addresses) {
    return { state: "blocked", found: `${found}; none could hold x86_64 addresses`, remedy: "See the address space." };
  }
  return undefined;
}
