import assert from "node:assert/strict";
import test from "node:test";
import type { TcpStream } from "../../../criu/images/checkpoint-images.ts";
import type { InetSkEntry } from "../../../criu/images/schema/index.ts";
import { inetSocket } from "../../testing/synthetic-images.ts";
import { findFellowship, type GroupMember } from "./fellows.ts";

const state = { ESTABLISHED: 1, FIN_WAIT2: 5, CLOSE_WAIT: 8, LISTEN: 10 };
const [redis, web] = ["10.0.0.2", "10.0.0.3"];

const word = (address: string): number => Buffer.from(address.split(".").map(Number)).readUInt32LE();
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

function connected(id: number, from: [string, number], to: [string, number], more: Partial<InetSkEntry> = {}): InetSkEntry {
  return inetSocket({
    ...{ id, ino: id, state: state.ESTABLISHED, src_addr: [word(from[0])], src_port: from[1] },
    ...{ dst_addr: [word(to[0])], dst_port: to[1], ...more },
  });
}

/** @param begin sequence numbers of the first byte that each side sends, as the queues tell them */
function stream(unread: string, inqSeq: number, unsent: string, outqSeq: number): TcpStream {
  const [received, waiting] = [Buffer.from(unread), Buffer.from(unsent)];
  const lengths = { inq_len: received.length, outq_len: waiting.length, opt_mask: 0, snd_wscale: 0, mss_clamp: 0 };
  return { entry: { ...lengths, inq_seq: inqSeq, outq_seq: outqSeq }, received, unsent: waiting };
}

function member(
  addresses: readonly string[],
  sockets: readonly InetSkEntry[],
  streams: Readonly<Record<number, TcpStream>> = {},
): GroupMember {
  const files = new Map(sockets.map((socket) => [socket.id, { type: 4 as const, id: socket.id, isk: socket }]));
  return { addresses: new Set(addresses), images: { files, tcpStream: (inode) => streams[inode] } };
}

const listening = inetSocket({ id: 1, ino: 1, src_port: 6379 });

test("fellows: the end whose port is listened on accepts; what the other has not read is sent again, and what has not got through", () => {
  // The web server has sent 100 to 110: the redis has read to 103 and has the rest to 107 in its queue, 104 to 110 are not acknowledged.
  const { connections, outdated } = findFellowship([
    member([redis], [listening, connected(2, [redis, 6379], [web, 4000])], { 2: stream("defg", 107, "", 900) }),
    member([web], [connected(7, [web, 4000], [redis, 6379])], { 7: stream("", 900, "efghij", 110) }),
  ]);
  assert.equal(outdated.size, 0);
  assert.deepEqual(
    connections.map((own) => own.map(({ id, accepts, bytes }) => [id, accepts, text(bytes)])),
    [[[2, true, ""]], [[7, false, "defghij"]]],
  );
});

test("fellows: an IPv4 peer of an IPv6 socket is the same peer", () => {
  const mapped = (address: string) => [0, 0, 0xffff_0000, word(address)];
  const server = connected(2, [redis, 6379], [web, 4000], { family: 10, src_addr: mapped(redis), dst_addr: mapped(web) });
  const { connections } = findFellowship([
    member([redis], [server, { ...listening, family: 10, src_addr: [0, 0, 0, 0] }]),
    member([web], [connected(7, [web, 4000], [redis, 6379])]),
  ]);
  assert.deepEqual(
    connections.map((own) => own.map(({ accepts }) => accepts)),
    [[true], [false]],
  );
});

test("fellows: connections with others, within a container, and at addresses that are not kept are none", () => {
  const own = [connected(3, [web, 5000], [web, 6000]), connected(4, [web, 6000], [web, 5000])];
  const { connections } = findFellowship([
    member([], [listening, connected(2, [redis, 6379], [web, 4000])]),
    member([web], [connected(7, [web, 4000], [redis, 6379]), connected(8, [web, 4001], ["10.0.0.9", 80]), ...own]),
  ]);
  assert.deepEqual(connections, [[], []]);
});

test("fellows: where neither listens, both sides agree on who accepts", () => {
  const { connections } = findFellowship([
    member([redis], [connected(2, [redis, 7000], [web, 4000])]),
    member([web], [connected(7, [web, 4000], [redis, 7000])]),
  ]);
  assert.deepEqual(connections.flatMap((own) => own.map(({ accepts }) => accepts)).toSorted(), [false, true]);
});

test("fellows: bytes that have come after the receiver's dump, and are not in the sender's later one, make the receiver's outdated", () => {
  const { outdated } = findFellowship([
    member([redis], [listening, connected(2, [redis, 6379], [web, 4000])], { 2: stream("", 104, "", 900) }),
    member([web], [connected(7, [web, 4000], [redis, 6379])], { 7: stream("", 900, "hij", 110) }),
  ]);
  assert.deepEqual([...outdated], [0]);
});

for (const arrived of [true, false]) {
  test(`fellows: the end of a direction is no byte, ${arrived ? "once it has arrived" : "nor before it has arrived"}`, () => {
    const { connections, outdated } = findFellowship([
      member([redis], [listening, connected(2, [redis, 6379], [web, 4000], arrived ? { state: state.CLOSE_WAIT } : {})], {
        2: stream("ab", arrived ? 104 : 102, "", 900),
      }),
      member([web], [connected(7, [web, 4000], [redis, 6379], { state: state.FIN_WAIT2 })], {
        7: stream("", 900, arrived ? "" : "abc", 104),
      }),
    ]);
    assert.deepEqual([text(connections[1]![0]!.bytes), outdated.size], [arrived ? "ab" : "abc", 0]);
  });
}
