import type { Subject } from "../subject.ts";
import { type Hit, type Miss, testExamples } from "../testing/examples.ts";
import { armTarget, descriptorWith, first, liveWith, processWith, socketWith } from "../testing/situations.ts";

const local = { address: "172.17.0.2", port: 80 };

const inner = { kind: "tcp", state: "connected", pid: 500, local } as const;
const client = { address: "172.17.0.2", port: 40000 };
const inside = liveWith({
  sockets: [
    { ...inner, inode: 5, descriptor: 9, remote: client },
    { ...inner, inode: 6, descriptor: 10, local: client, remote: local },
  ],
});

function deletedWith(size: number, dataBytes: number): Subject {
  return liveWith({ deletedFiles: [3, 4].map((descriptor) => ({ pid: 500, descriptor, id: "1:2", size, dataBytes })) });
}

/** A connection with a container of its group, at addresses that both keep. */
const withFellow = {
  ...socketWith({ state: "connected", local, remote: { address: "172.17.0.3", port: 40000 } }),
  group: { addresses: new Set(["172.17.0.2"]), fellowAddresses: new Set(["172.17.0.3"]), fellowMemoryBytes: 0 },
};

const hits: readonly Hit[] = [
  { rule: "process.exec-session", subject: processWith({}, { name: "sh", execSession: true }), seen: /sh \(7\)/ },
  { rule: "process.state", subject: processWith({ state: "T" }), seen: /stopped/ },
  { rule: "process.state", subject: processWith({ tracerPid: 77 }), seen: /traced by process 77/ },
  { rule: "process.bits", subject: processWith({ elf: { bits: 32, machine: 3 } }), seen: /32-bit/ },
  { rule: "process.architecture", subject: processWith({ elf: { bits: 64, machine: 183 } }), seen: /machine type 183/ },
  {
    rule: "process.namespace",
    subject: processWith({}, { namespaces: new Map([...first.namespaces, ["net", "net:[9]"]]) }),
    seen: /app \(7\): net$/,
  },
  {
    rule: "process.namespace",
    subject: processWith({ namespaces: new Map([...first.namespaces, ["pid_for_children", "pid:[9]"]]) }),
    seen: /for its children/,
  },
  { rule: "process.settings", subject: processWith({ personality: 0x00a0000 }), seen: /0xa0000/ },
  { rule: "process.settings", subject: processWith({ schedulingPolicies: [6] }), seen: /SCHED_DEADLINE/ },
  { rule: "process.timers", subject: processWith({ timers: 2 }), target: armTarget(), seen: /2 POSIX timer/ },
  { rule: "process.timers", subject: processWith({ timers: 2 }), target: "none", seen: /2 POSIX timer/ },
  {
    rule: "descriptor.deleted-file",
    subject: deletedWith(2 ** 40, 2 ** 35),
    seen: /\/data\/file, open in app \(1\), holds 32768 MiB/,
  },
  {
    rule: "descriptor.deleted-files",
    subject: deletedWith(2 ** 40, 8192),
    seen: /\/data\/file, open in app \(1\) \(1048576 MiB, 1 MiB without holes\)/,
  },
  { rule: "socket.outside-peer", subject: socketWith({ kind: "unix", outsidePeer: true }), seen: /descriptor 9 of app/ },
  { rule: "process.seccomp", subject: processWith({ seccompMode: 1 }), target: armTarget(), seen: /strict seccomp/ },
  { rule: "memory.asynchronous-io", subject: processWith({ specialMappings: ["/[aio] (deleted)"] }), seen: /AIO/ },
  { rule: "memory.io-uring", subject: descriptorWith("anon_inode:[io_uring]", "other"), seen: /io_uring/ },
  { rule: "memory.packet-ring", subject: processWith({ specialMappings: ["socket:[5]"] }), seen: /has mapped a socket/ },
  {
    rule: "process.mount-namespace",
    subject: processWith({}, { namespaces: new Map([...first.namespaces, ["mnt", "mnt:[9]"]]) }),
    seen: /app \(7\): mnt$/,
  },
  { rule: "memory.huge-pages", subject: processWith({ hugePageBytes: 2 ** 21 }), seen: /huge pages/ },
  { rule: "memory.device", subject: processWith({ specialMappings: ["/dev/nvidia0"] }), seen: /nvidia0/ },
  { rule: "descriptor.file-watch", subject: descriptorWith("anon_inode:inotify", "other"), seen: /inotify/ },
  { rule: "descriptor.file-watch", subject: descriptorWith("anon_inode:[fanotify]", "other"), seen: /fanotify/ },
  { rule: "descriptor.namespace", subject: descriptorWith("net:[4026531840]", "other"), seen: /net:/ },
  { rule: "descriptor.device", subject: descriptorWith("/dev/fuse", "character-device"), seen: /\/dev\/fuse/ },
  { rule: "socket.packet", subject: socketWith({ kind: "packet" }), target: armTarget(), seen: /packet/ },
  { rule: "descriptor.kernel-object", subject: descriptorWith("anon_inode:[userfaultfd]", "other"), seen: /userfaultfd/ },
  { rule: "descriptor.device", subject: descriptorWith("/dev/tty1", "character-device"), seen: /\/dev\/tty1/ },
  {
    rule: "descriptor.fanotify",
    subject: descriptorWith("anon_inode:[fanotify]", "other"),
    target: "none",
    seen: /fanotify\], descriptor 9 of app \(1\)/,
  },
  {
    rule: "descriptor.file-lock",
    subject: processWith({}, { parentPid: 500, lockedDescriptors: [4] }),
    seen: /\/data\/file, descriptor 4 of app \(7\)/,
  },
  { rule: "socket.unlisted", subject: socketWith({ kind: "unlisted" }), seen: /descriptor 9/ },
  { rule: "socket.address", subject: socketWith({ local }), seen: /172\.17\.0\.2:80/ },
  {
    rule: "socket.connection",
    subject: socketWith({ state: "connected", local, remote: { address: "2001:db8::1", port: 40000 } }),
    seen: /\[2001:db8::1\]:40000/,
  },
  { rule: "socket.group-connection", subject: withFellow, seen: /172\.17\.0\.2:80 with 172\.17\.0\.3:40000/ },
];

const misses: readonly Miss[] = [
  { rule: "process.state", subject: processWith({}, { state: "Z" }) },
  { rule: "process.bits", subject: processWith({ elf: { bits: 64, machine: 183 } }) },
  { rule: "process.architecture", subject: processWith({ elf: { bits: 32, machine: 3 } }) },
  { rule: "process.settings", subject: processWith({ personality: 0x40000 }) },
  { rule: "process.timers", subject: processWith({ timers: 2 }) },
  { rule: "process.seccomp", subject: processWith({ seccompMode: 1 }) },
  { rule: "process.namespace", subject: processWith({}, { state: "Z", namespaces: new Map() }) },
  { rule: "process.namespace", subject: processWith({}, { state: "R", namespaces: new Map() }) },
  { rule: "socket.packet", subject: socketWith({ kind: "packet" }) },
  { rule: "socket.packet", subject: socketWith({ kind: "raw" }), target: armTarget() },
  {
    rule: "socket.packet",
    target: armTarget(),
    subject: liveWith({
      processes: [first, { ...first, pid: 501, execSession: true }],
      sockets: socketWith({ kind: "packet", pid: 501 }).live?.sockets ?? [],
    }),
  },
  { rule: "memory.device", subject: processWith({ specialMappings: ["/dev/zero (deleted)", "/dev/shm/pool"] }) },
  { rule: "descriptor.kernel-object", subject: descriptorWith("anon_inode:[timerfd]", "other") },
  { rule: "descriptor.device", subject: descriptorWith("/dev/urandom", "character-device") },
  { rule: "descriptor.device", subject: descriptorWith("/dev/pts/0", "character-device") },
  { rule: "descriptor.device", subject: descriptorWith("/dev/pts/ptmx", "character-device") },
  { rule: "descriptor.kernel-object", subject: descriptorWith("pidfd:[52]", "other") },
  { rule: "process.timers", subject: processWith({ timers: 2 }), target: "none", expected: { target: "x86_64" } },
  { rule: "descriptor.deleted-file", subject: deletedWith(2 ** 40, 2 ** 34) },
  { rule: "descriptor.deleted-files", subject: deletedWith(2 ** 20, 2 ** 20) },
  { rule: "socket.outside-peer", subject: socketWith({ kind: "unix" }) },
  { rule: "socket.connection", subject: inside },
  { rule: "descriptor.kernel-object", subject: descriptorWith("net:[4026531840]", "other") },
  { rule: "descriptor.namespace", subject: descriptorWith("anon_inode:[timerfd]", "other") },
  { rule: "memory.asynchronous-io", subject: descriptorWith("anon_inode:[io_uring]", "other") },
  { rule: "memory.device", subject: processWith({ specialMappings: ["socket:[5]"] }) },
  { rule: "descriptor.fanotify", subject: descriptorWith("anon_inode:[fanotify]", "other") },
  { rule: "descriptor.fanotify", subject: descriptorWith("anon_inode:inotify", "other"), target: armTarget() },
  { rule: "descriptor.file-lock", subject: processWith({ lockedDescriptors: [4] }) },
  {
    rule: "descriptor.file-lock",
    subject: processWith(
      {},
      { parentPid: 500, lockedDescriptors: [4], descriptors: [{ number: 4, target: "/own", kind: "file" }] },
    ),
  },
  { rule: "socket.address", subject: socketWith({ local: { address: "127.0.0.11", port: 53 } }) },
  { rule: "socket.address", subject: socketWith({ state: "connected", local, remote: local }) },
  { rule: "socket.connection", subject: socketWith({ local }) },
  { rule: "socket.connection", subject: withFellow },
  { rule: "socket.address", subject: { ...socketWith({ local }), group: withFellow.group! } },
  { rule: "socket.group-connection", subject: { ...withFellow, group: { ...withFellow.group!, addresses: new Set<string>() } } },
];

testExamples(["Its processes"], hits, misses);
