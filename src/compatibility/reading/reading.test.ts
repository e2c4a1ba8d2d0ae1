import assert from "node:assert/strict";
import { test } from "node:test";
import { first } from "../testing/situations.ts";
import { parseAddresses } from "./addresses.ts";
import { listedByProcess } from "./by-process.ts";
import { parseDeletedFiles } from "./deleted-files.ts";
import { parseDescriptors } from "./descriptors.ts";
import { formatEndpoint, parseEndpoint } from "./endpoints.ts";
import { parseLive } from "./live.ts";
import { memoryFilesOf } from "./memory-files.ts";
import { parseRuntimes } from "./runtimes.ts";
import { splitSections } from "./sections.ts";
import { markSessions } from "./sessions.ts";
import { parseSocketTables, socketsOf } from "./sockets.ts";
import { parseTarget } from "./target.ts";
import { unheldPeers } from "./unix-peers.ts";

test("sections: a file name cannot pretend to be one", () => {
  const section = splitSections("\n@@x one\na\n@@y two\nb\n\n@@x three\nc\n", "@@x");
  assert.equal(section("one"), "a\n@@y two\nb\n");
  assert.equal(section("three"), "c\n");
  assert.equal(section("two"), "");
});

test("endpoints: as the kernel prints them on a little-endian machine", () => {
  assert.equal(formatEndpoint(parseEndpoint("0100007F:18EB")), "127.0.0.1:6379");
  assert.equal(formatEndpoint(parseEndpoint("00000000000000000000000000000000:0016")), "[::]:22");
  assert.equal(formatEndpoint(parseEndpoint("00000000000000000000000001000000:1F90")), "[::1]:8080");
  assert.equal(formatEndpoint(parseEndpoint("0000000000000000FFFF0000020011AC:9C40")), "172.17.0.2:40000");
  assert.equal(formatEndpoint(parseEndpoint("B80D0120000000000000000001000000:0050")), "[2001:db8::1]:80");
});

// From a Linux 6.12 machine.
const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.0.2.0/24 2 0 2
        |-- 10.0.2.15
           /32 host LOCAL
        |-- 10.0.2.255
           /32 link BROADCAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.0
           /8 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
Local:
  +-- 0.0.0.0/0 3 0 5
        |-- 10.0.2.15
           /32 host LOCAL
`;
const interfaces = `00000000000000000000000000000001 01 80 10 80       lo
fec0000000000000505400fffe123456 02 40 40 00     eth0
`;

test("addresses: those that are the machine's own", () => {
  assert.deepEqual([...parseAddresses(trie, interfaces)], ["10.0.2.15", "127.0.0.1", "::1", "fec0::5054:ff:fe12:3456"]);
  assert.deepEqual([...parseAddresses("", "")], []);
});

const tables: Readonly<Record<string, string>> = {
  tcp: `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 68366 1 000000004cad359c 100 0 0 10 0
   1: 020011AC:18EB 010011AC:9C40 01 00000000:00000000 02:0004F6B4 00000000     0        0 68400 2 0000000000000000 20 4 30 10 -1
   2: 020011AC:18EB 010011AC:9C42 06 00000000:00000000 03:00000E5B 00000000     0        0 0 3 0000000000000000
`,
  udp: `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  310: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 7001 2 0000000000000000 0
`,
  unix: `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 20100 /run/app socket
`,
  netlink: `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
000000003fd8eb03 0   0          00000000 0        0        0     2        0        69384
`,
  packet: `sk               RefCnt Type Proto  Iface R Rmem   User   Inode
0000000000000000 3      3    0003   2     1 0      0      4242
`,
};

test("sockets: all tables, and what is in none", () => {
  const listed = parseSocketTables(
    Object.entries(tables)
      .flatMap(([name, text]) => text.split("\n").map((line) => `${name}:${line}`))
      .join("\n"),
  );
  const describe = (inode: number) => {
    const socket = listed.get(inode);
    return [socket?.kind, socket?.state, socket?.local?.port];
  };
  assert.deepEqual(describe(68366), ["tcp", "listening", 6379]);
  assert.deepEqual(describe(68400), ["tcp", "connected", 6379]);
  assert.deepEqual(describe(7001), ["udp", "other", 68]);
  assert.deepEqual(describe(20100), ["unix", "other", undefined]);
  assert.deepEqual(describe(69384), ["netlink", "other", undefined]);
  assert.deepEqual(describe(4242), ["packet", "other", undefined]);
  const descriptors = [68366, 99].map((inode, number) => ({ number, target: `socket:[${inode}]`, kind: "socket" as const }));
  assert.deepEqual(
    socketsOf([{ pid: 7, descriptors }], listed).map(({ kind, pid, descriptor }) => [kind, pid, descriptor]),
    [
      ["tcp", 7, 0],
      ["unlisted", 7, 1],
    ],
  );
});

const listing = `/proc/12/fd:
total 0
lrwx------ 1 0 0 64 Nov 23 17:13 0 -> /dev/null
l-wx------ 1 0 0 64 Nov 23 17:13 10 -> /tmp/3 -> 4
lrwx------ 1 0 0 64 Nov 23 17:13 5 -> anon_inode:[eventpoll]
lr-x------ 1 0 0 64 Nov 23 17:13 6 -> net:[4026531840]
l-wx------ 1 0 0 64 Nov 23 17:13 7 -> pipe:[68365]

/proc/12/ns:
total 0
lrwxrwxrwx 1 0 0 0 Nov 23 17:14 ipc -> ipc:[4026532190]
`;
const followed = `/proc/12/fd:
total 0
crw-rw-rw- 1 0 0 1, 3 Nov 23 17:13 0
-rw-r--r-- 1 0 0    9 Nov 23 17:13 10
?rw------- 1 0 0    0 Nov 21 23:39 5
-r--r--r-- 1 0 0    0 Nov 21 23:39 6
prw------- 1 0 0    0 Nov 23 17:13 7
`;

test("descriptors: their kinds, whatever they are called", () => {
  const links = listedByProcess(listing, "fd").get(12) ?? [];
  const kinds = listedByProcess(followed, "fd").get(12) ?? [];
  assert.deepEqual(
    parseDescriptors(links, kinds).map(({ number, target, kind }) => [number, target, kind]),
    [
      [0, "/dev/null", "character-device"],
      [5, "anon_inode:[eventpoll]", "other"],
      [6, "net:[4026531840]", "other"],
      [7, "pipe:[68365]", "pipe"],
      [10, "/tmp/3 -> 4", "file"],
    ],
  );
  assert.deepEqual(listedByProcess(listing, "ns").get(12), [
    "total 0",
    "lrwxrwxrwx 1 0 0 0 Nov 23 17:14 ipc -> ipc:[4026532190]",
  ]);
});

test("memory files: what the container put there, not what the runtime did", () => {
  const mountInfo = [
    "116 114 0:46 / /dev rw - tmpfs tmpfs rw",
    "130 116 0:50 / /dev/shm rw - tmpfs shm rw",
    "131 114 0:51 / /my\\040files rw - tmpfs tmpfs rw",
  ].join("\n");
  const found = ["/dev", "/dev/null", "/dev/fd", "/dev/shm", "/dev/shm/pool", "/my files", "/my files/a", "/dev/log"].join("\n");
  assert.deepEqual(memoryFilesOf(found, mountInfo), ["/dev/shm/pool", "/my files/a", "/dev/log"]);
  assert.equal(memoryFilesOf(Array.from({ length: 300 }, (_, index) => `/dev/shm/${index}`).join("\n"), mountInfo).length, 100);
});

test("runtimes: what they are, and whether they know time namespaces", () => {
  const text =
    "/usr/sbin/runc runc version 1.1.15+ds1\n/usr/bin/crun crun version 1.21\n/opt/crun crun version 1.8.3\n/opt/old/runc runc version 1.2.5\n/opt/runc runc version 1.3.0-rc.1\n/usr/bin/crun crun version 1.21\n/opt/kata kata-runtime  : 3.0\n/opt/broken \n";
  assert.deepEqual(
    parseRuntimes(text).map(({ path, version, timeNamespaces }) => [path, version, timeNamespaces]),
    [
      ["/usr/bin/crun", "1.21", true],
      ["/opt/runc", "1.3.0", true],
      ["/usr/sbin/runc", "1.1.15", false],
      ["/opt/crun", "1.8.3", false],
      ["/opt/old/runc", "1.2.5", false],
    ],
  );
});

test("sessions: whoever does not come from the first process", () => {
  const process = (pid: number, parentPid: number) => ({ ...first, pid, parentPid });
  const marked = markSessions([process(40, 20), process(30, 20), process(31, 30), process(41, 40), process(42, 41)], 40);
  assert.deepEqual(
    marked.map(({ pid, execSession }) => [pid, execSession]),
    [
      [40, false],
      [30, true],
      [31, true],
      [41, false],
      [42, false],
    ],
  );
});

test("live: nothing was readable", () => {
  assert.deepEqual(parseLive("", "@@x", 12), {
    processes: [],
    sockets: [],
    deletedFiles: [],
    memoryFiles: [],
    isResumed: false,
    hostUserNamespace: "",
  });
});

test("deleted files: what stat tells of regular files", () => {
  const text = [
    "/proc/12/fd/3 regular file 64769:131 314572800 16",
    "/proc/12/fd/4 regular empty file 64769:132 0 0",
    "/proc/12/fd/5 fifo 64769:133 0 0",
  ].join("\n");
  assert.deepEqual(parseDeletedFiles(text), [
    { pid: 12, descriptor: 3, id: "64769:131", size: 314572800, dataBytes: 8192 },
    { pid: 12, descriptor: 4, id: "64769:132", size: 0, dataBytes: 0 },
  ]);
});

test("UNIX sockets: peers that no process of the container holds", () => {
  const text = `u_str LISTEN 0      4096   /run/own.sock 10            * 0
u_str ESTAB  0      0      /run/own.sock 11            * 12
u_str ESTAB  0      0                  * 12            * 11
u_str ESTAB  0      0                  * 13            * 99
u_str ESTAB  0      0                  * 98            * 97
u_dgr UNCONN 0      0                  * 14            * 0
`;
  const sockets = [10, 11, 12, 13, 14].map((inode) => ({ inode }));
  assert.deepEqual(unheldPeers(text, sockets), new Map([[13, 99]]));
  assert.deepEqual(unheldPeers("", sockets), new Map());
});

test("target: a folder that can't be written to", () => {
  assert.equal(parseTarget("\n@@x read-only\n/\n@@x net\n", "@@x").readOnlyFolder, "/");
  assert.equal(parseTarget("\n@@x read-only\n@@x net\n", "@@x").readOnlyFolder, undefined);
});

test("target: whether unshare sets clocks", () => {
  const offsets = "monotonic           1         0\nboottime            1         0\n";
  const told = ["", "monotonic           0         0\nboottime            0         0\n", offsets];
  const read = told.map((text) => parseTarget(`\n@@x unshare\n${text}\n@@x net\n`, "@@x").unshareSetsClocks);
  assert.deepEqual(read, [false, false, true]);
});

test("target: AppArmor profiles", () => {
  const { appArmorProfiles } = parseTarget("\n@@x apparmor\ndocker-default (enforce)\n/usr/bin/man (complain)\n", "@@x");
  assert.deepEqual([...appArmorProfiles], ["docker-default", "/usr/bin/man"]);
});
