import type { Emission } from "../../emission.ts";
import { Label, type Place } from "../../machine-code/assembler.ts";
import type { FellowEnd } from "./fellow-connections.ts";

const MSG_NOSIGNAL = 0x4000;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;
/** So much finds room in the buffers of a new connection (net.ipv4.tcp_rmem and tcp_wmem). */
const room = 65_536;
const portion = 65_536;
const least = 4 * 2 ** 20;
const most = 32 * 2 ** 20;
const pauseNanoseconds = 5_000_000;

/**
 * Makes the kernels' buffers of connections as wide as those of the source had grown: they widen only while bytes go through. Where much
 * waits, one end sends bytes that mean nothing, and the other takes them in bursts, by which its buffer doubles each time
 * (net/ipv4/tcp_input.c, tcp_rcv_space_adjust). All programs go through the connections in one order, so none waits for ever.
 */
export function emitWidening(emission: Emission, ends: readonly FellowEnd[]): void {
  const { program } = emission;
  const narrow = ends.filter(({ bytes, comes }) => Math.max(bytes.length, comes) > room);
  if (narrow.length === 0) return;
  const memory = program.scratch(8);
  program.call("mmap", [0, most, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0], {
    store: memory,
    describe: "memory to widen buffers",
  });
  for (const end of narrow.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    const give = () => emitGive(emission, end, memory);
    const take = () => emitTake(emission, end, memory);
    for (const part of end.isFirst ? [give, take] : [take, give]) part();
  }
  program.call("munmap", [{ valueAt: memory }, most], { expect: "ignore" });
}

/** Both ends know it: what waits, eight times. */
function amountFor(waiting: number): number {
  if (waiting <= room) return 0;
  return Math.min(Math.max(Math.ceil((waiting * 8) / portion) * portion, least), most);
}

function emitGive({ program }: Emission, { descriptor, bytes, name }: FellowEnd, memory: Place): void {
  const amount = amountFor(bytes.length);
  if (amount === 0) return;
  const again = new Label(`${name} give`);
  program.code.move("counter", BigInt(amount / portion));
  program.code.define(again);
  const operands = [descriptor, { valueAt: memory }, portion, MSG_NOSIGNAL, 0, 0];
  program.call("sendto", operands, { expect: portion, describe: `widen ${name}` });
  program.code.addImmediate("counter", -1);
  program.code.jumpIf("notEqual", again);
}

function emitTake({ program }: Emission, { descriptor, comes, name }: FellowEnd, memory: Place): void {
  const amount = amountFor(comes);
  if (amount === 0) return;
  const { code } = program;
  const [again, ended, done] = [new Label(`${name} take`), new Label(`${name} ended`), new Label(`${name} taken`)];
  code.move("counter", BigInt(amount));
  code.define(again);
  program.call("nanosleep", [program.words([0, pauseNanoseconds]), 0], { expect: "ignore" });
  program.call("read", [descriptor, { valueAt: memory }, "counter"], { describe: `widen ${name}` });
  code.compare("result", 0);
  code.jumpIf("equal", ended);
  code.negate("result");
  code.add("counter", "result");
  code.compare("counter", 0);
  code.jumpIf("notEqual", again);
  code.jump(done);
  code.define(ended);
  program.fail(`widen ${name}`);
  code.define(done);
}
