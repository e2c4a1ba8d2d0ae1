import { usableEmulator } from "../../compatibility/execution.ts";
import { binfmtLine } from "../binfmt-entry.ts";
import { bootEntry } from "../boot-entry.ts";
import type { Item } from "../item.ts";
import { placeFile } from "../place-file.ts";
import { emulator } from "./emulator.ts";

/** Entries of binfmt_misc are gone when the machine is restarted. */
export const emulatorAtBoot: Item = {
  name: "emulator-at-boot",
  title: "Emulator at boot",
  examine(facts) {
    const now = emulator.examine(facts);
    if (now === undefined || now.state === "blocked") return undefined;
    const { system, target } = facts;
    if (system.emulatorAtBoot) return { state: "good", found: "it is registered again when the machine starts" };
    if (system.init === undefined) {
      return {
        state: "limited",
        found: "nothing is known that would register it again after a restart",
        remedy: `After a restart run \`migrate-container setup ${target.host}\` again, or put the registration into what starts the machine.`,
      };
    }
    const { path } = bootEntry(system.init, "");
    return { state: "mendable", found: "nothing registers it when the machine starts", changes: [`write ${path}`] };
  },
  async mend({ host, facts, signal, onProgress }) {
    const { target, system, places } = facts;
    if (system.init === undefined) return;
    // One that was there already stays in use; without one, ours was put there just before.
    const entry = bootEntry(system.init, binfmtLine(usableEmulator(target)?.path ?? places.emulator));
    onProgress(`writing ${entry.path}`);
    await placeFile(host, { ...entry, signal });
    if (entry.enable !== undefined) await host.script(`PATH=$PATH:/usr/sbin:/sbin\n${entry.enable} >&2`, [], { signal });
  },
};
