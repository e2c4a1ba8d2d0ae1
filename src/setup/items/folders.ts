import type { Item } from "../item.ts";

/** Dumps hold the memory of programs, with their secrets. */
export const folders: Item = {
  name: "folders",
  title: "Work folder",
  examine({ system, places: { work } }) {
    const found = system.folders.get(work);
    if (found === undefined)
      return { state: "mendable", found: `${work} is not there`, changes: [`make ${work} with mode 0700`] };
    if (found.mode === "700" && found.uid === 0) return { state: "good", found: `${work}, mode 0700` };
    return {
      state: "mendable",
      found: `${work} has mode 0${found.mode} and owner ${found.uid}`,
      changes: [`give ${work} to root, with mode 0700`],
    };
  },
  async mend({ host, facts, signal }) {
    await host.script('mkdir -p "$1"; chown 0 "$1"; chmod 700 "$1"', [facts.places.work], { signal });
  },
};
