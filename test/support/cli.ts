import { fileURLToPath } from "node:url";

/** The command as a user runs it. */
export const program = fileURLToPath(new URL("../../bin/migrate-container", import.meta.url));
