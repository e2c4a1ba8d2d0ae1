import { dump } from "../src/resume/testing/carry.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { RuncContainer } from "../src/resume/testing/runc-container.ts";

/** Touched memory of a program: pieces of some pages, with one page between each two that is never touched. */
export interface Shape {
  readonly name: string;
  readonly pieces: number;
  readonly pagesPerPiece: number;
}

/** Huge pages would fill the holes. */
const program = `
import mmap, time
pieces, pages = %PIECES%, %PAGES%
stride = (pages + 1) * 4096
memory = mmap.mmap(-1, pieces * stride, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.madvise(mmap.MADV_NOHUGEPAGE)
page = b"0123456789abcdef" * 256
for piece in range(pieces):
    for start in range(piece * stride, piece * stride + pages * 4096, 4096): memory[start:start + 4096] = page
open("/ready", "w").close()
while True: time.sleep(3600)
`;

/** Starts the program in a container, and freezes and dumps it. */
export async function dumpMemory({ pieces, pagesPerPiece }: Shape): Promise<RuncContainer> {
  const text = program.replace("%PIECES%", String(pieces)).replace("%PAGES%", String(pagesPerPiece));
  const container = await RuncContainer.create({ arguments: ["/usr/bin/python3", "-c", text] });
  try {
    await container.start();
    await eventually("the memory", async () => (await container.read("ready")) === "");
    await container.call("pause", container.id);
    await dump(container);
    return container;
  } catch (error) {
    await container[Symbol.asyncDispose]();
    throw error;
  }
}
