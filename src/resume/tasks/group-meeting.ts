import type { Emission } from "../emission.ts";
import { Label } from "../machine-code/assembler.ts";
import { readyWord } from "../resume-directory.ts";

const SEEK_END = 2;
const pauseNanoseconds = 2_000_000;

/**
 * Says that all is rebuilt, and waits until the tool, which hears it of every container of the group, has written the word to go on after it.
 * Whoever went on before would put new bytes among those that wait in the connections. The status file alone leads out of the
 * container whatever its root is.
 */
export function emitGroupMeeting({ program, group }: Emission): void {
  if (group === undefined) return;
  const [again, go] = [new Label("not all are ready"), new Label("all are ready")];
  const line = `${readyWord}\n`;
  program.call("write", [program.statusDescriptor, program.text(line), line.length], { describe: "tell that all is rebuilt" });
  program.code.define(again);
  program.call("lseek", [program.statusDescriptor, 0, SEEK_END], { describe: "wait for the group" });
  program.code.compare("result", line.length);
  program.code.jumpIf("notEqual", go);
  program.call("nanosleep", [program.words([0, pauseNanoseconds]), 0], { expect: "ignore" });
  program.code.jump(again);
  program.code.define(go);
}
