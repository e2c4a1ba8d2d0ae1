import { MigrationError } from "../errors.ts";
import { cancelRunning } from "./control/client.ts";
import { findMove, type MoveOverview } from "./overview.ts";

/**
 * Cancels a move that another process carries out, and waits until it has ended: rolled back, or, when it was past its commit, completed.
 * @param which id of a move, or name or id of a container
 * @returns the move as it ended
 * @throws MigrationError `no-such-move` when there is none or it does not run
 */
export async function cancel(which: string): Promise<MoveOverview> {
  const move = await findMove(which);
  if (move === undefined || !(await cancelRunning(move.id))) throw notRunning(which, move);
  return (await findMove(move.id))!;
}

function notRunning(which: string, move: MoveOverview | undefined): MigrationError {
  if (move?.state === "interrupted" || move?.state === "stuck") {
    return new MigrationError("no-such-move", `the move of \`${move.container}\` (${move.id}) does not run: it was interrupted`, {
      host: "local",
      remedy: `Run \`migrate-container recover ${move.id}\`.`,
    });
  }
  return new MigrationError("no-such-move", `no move of \`${which}\` is under way`, {
    host: "local",
    remedy: "`migrate-container list` shows what is under way on this machine, by the same user.",
  });
}
