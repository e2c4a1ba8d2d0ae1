/** Opens the archive that it is given, and tells what came of it and how much memory that took, as JSON. */
import { MigrationError } from "../../errors.ts";
import { defaultLimits } from "../archive/limits.ts";
import { openArchive } from "../archive/open-archive.ts";

const [path = "", ratio] = process.argv.slice(2);
const limits = ratio === undefined ? defaultLimits : { ...defaultLimits, ratio: Number(ratio) };
let outcome = "accepted";
try {
  await using _ = await openArchive(path, { limits });
} catch (error) {
  outcome = error instanceof MigrationError ? String(error.details.reason ?? error.code) : String(error);
}
// maxRSS is in KiB (getrusage(2)).
console.log(JSON.stringify({ outcome, peakBytes: process.resourceUsage().maxRSS * 1024 }));
