import { randomBytes } from "node:crypto";

/** Names a move in the journal and on both machines. Sorts by time, and is a valid file name. */
export function newMoveId(): string {
  const time = new Date().toISOString().replaceAll(/[-:.TZ]/g, "");
  return `${time.slice(0, 14)}-${randomBytes(3).toString("hex")}`;
}
