import { homedir } from "node:os";
import { join } from "node:path";

/** Where everything built or run by the lab lies: outside the checkout, so that a fresh clone finds it again. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "migrate-container", "lab");

/** Which lab of this cache: each has machines of its own, made of the same products. Empty: the one of the command line. */
const labName = process.env.MIGRATE_LAB || "";

/** What running machines leave: process ids, ports, logs, SSH configuration. */
export const runFolder = join(cacheFolder, labName === "" ? "run" : `run-${labName}`);

/** The shell recipes, which together with the Debian mirror decide what is built. */
export const recipeFolder = join(import.meta.dirname, "recipe");
