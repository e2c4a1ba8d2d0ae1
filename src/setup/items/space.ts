import { targetPaths } from "../../engine/resume-runtime/wrapper.ts";
import { formatBytes } from "../../text/bytes.ts";
import type { Item } from "../item.ts";

/** Bytes. Room for an image, its layers, and a dump of some hundred MB; what one move needs, `check` tells. */
const least = 2 ** 30;

export const space: Item = {
  name: "space",
  title: "Free space",
  examine({ target: { hostFacts, engine } }) {
    const places = [targetPaths.root, ...(engine === undefined ? [] : [engine.rootDirectory])];
    const free = places.map((place) => ({ place, bytes: hostFacts.freeBytes.get(place) ?? 0 }));
    const low = free.filter(({ bytes }) => bytes < least);
    const tell = ({ place, bytes }: (typeof free)[number]) => `${formatBytes(bytes)} at ${place}`;
    if (low.length === 0) return { state: "good", found: free.map(tell).join(", ") };
    return {
      state: "limited",
      found: `only ${low.map(tell).join(", ")}`,
      remedy: "Make room there (`docker system df`, `docker image prune`).",
    };
  },
};
