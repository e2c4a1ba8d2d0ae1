import { containerName, type Move, willMake } from "../move.ts";

/** Freezes the container. From here to the commit its memory stays where it is. */
export async function freeze(move: Move): Promise<string> {
  const { container, source } = move;
  const name = containerName(move);
  await willMake(move, { object: "freeze", id: container.Id, name });
  move.frozenAt = performance.now();
  await source.engine.freeze(container.Id);
  return `${name} is frozen; its memory stays on the source until the commit`;
}
