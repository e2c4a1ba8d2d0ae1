import { containerName, type Move, willMake } from "../move.ts";
import { together } from "../strategies/planned-step.ts";

/** Freezes the containers of a group at one moment. From here to the commit their memory stays where it is. */
export async function freeze(moves: readonly Move[]): Promise<readonly string[]> {
  for (const move of moves) await willMake(move, { object: "freeze", id: move.container.Id, name: containerName(move) });
  return await together(freezeOne)(moves);
}

async function freezeOne(move: Move): Promise<string> {
  const { container, source } = move;
  move.frozenAt = performance.now();
  await source.engine.freeze(container.Id);
  return `${containerName(move)} is frozen; its memory stays on the source until the commit`;
}
