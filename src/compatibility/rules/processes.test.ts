import { type Hit, type Miss, testExamples } from "../testing/examples.ts";
import { armTarget, descriptorWith, first, liveWith, processWith, socketWith } from "../testing/situations.ts";

const local = { address: "172.17.0.2", port: 80 };

const hits: readonly Hit[] = [
  { rule: "process.exec-session", subject: processWith({}, { name: "sh", execSession: true }), seen: /sh \(7\)/ },
  { rule: "process.state", subject: processWith({ state: "T" }), seen: /stopped/ },
  { rule: "process.state", subject: processWith({ tracerPid: 77 }), seen: /traced by process 77/ },
  { rule: "process.architecture", subject: processWith({ elf: { bits: 32, machine: 3 } }), seen: /32-bit/ },
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
  { rule: "process.settings", subject: processWith({ seccompMode: 1 }), seen: /strict seccomp/ },
  { rule: "memory.asynchronous-io", subject: processWith({ specialMappings: ["/[aio] (deleted)"] }), seen: /AIO/ },
  { rule: "memory.asynchronous-io", subject: descriptorWith("anon_inode:[io_uring]", "other"), seen: /io_uring/ },
  { rule: "memory.huge-pages", subject: processWith({ hugePageBytes: 2 ** 21 }), seen: /huge pages/ },
  { rule: "memory.deleted-file", subject: processWith({ specialMappings: ["/lib/old.so (deleted)"] }), seen: /\/lib\/old\.so/ },
  { rule: "memory.deleted-file", subject: processWith({ executable: "/usr/bin/app (deleted)" }), seen: /\/usr\/bin\/app/ },
  { rule: "memory.device", subject: processWith({ specialMappings: ["/dev/nvidia0"] }), seen: /nvidia0/ },
  {
    rule: "descriptor.terminal",
    subject: descriptorWith("/dev/pts/0", "character-device"),
    seen: /\/dev\/pts\/0, descriptor 9 of app \(1\)/,
  },
  { rule: "descriptor.file-watch", subject: descriptorWith("anon_inode:inotify", "other"), seen: /inotify/ },
  { rule: "descriptor.file-watch", subject: descriptorWith("anon_inode:[fanotify]", "other"), seen: /fanotify/ },
  { rule: "descriptor.memory-file", subject: descriptorWith("/memfd:cache (deleted)", "file"), seen: /memfd:cache/ },
  { rule: "descriptor.kernel-object", subject: descriptorWith("anon_inode:[pidfd]", "other"), seen: /pidfd/ },
  { rule: "descriptor.kernel-object", subject: descriptorWith("net:[4026531840]", "other"), seen: /net:/ },
  { rule: "descriptor.deleted-file", subject: descriptorWith("/tmp/x (deleted)", "file"), seen: /\/tmp\/x/ },
  { rule: "descriptor.named-pipe", subject: descriptorWith("/run/fifo", "pipe"), seen: /\/run\/fifo/ },
  { rule: "descriptor.device", subject: descriptorWith("/dev/fuse", "character-device"), seen: /\/dev\/fuse/ },
  { rule: "descriptor.file-lock", subject: processWith({ lockedDescriptors: [4] }), seen: /\/data\/file/ },
  { rule: "socket.other", subject: socketWith({ kind: "netlink" }), seen: /netlink/ },
  { rule: "socket.unlisted", subject: socketWith({ kind: "unlisted" }), seen: /descriptor 9/ },
  { rule: "socket.address", subject: socketWith({ local }), seen: /172\.17\.0\.2:80/ },
  {
    rule: "socket.connection",
    subject: socketWith({ state: "connected", local, remote: { address: "2001:db8::1", port: 40000 } }),
    seen: /\[2001:db8::1\]:40000/,
  },
];

const misses: readonly Miss[] = [
  { rule: "process.state", subject: processWith({}, { state: "Z" }) },
  { rule: "process.settings", subject: processWith({ personality: 0x40000 }) },
  { rule: "process.timers", subject: processWith({ timers: 2 }) },
  { rule: "process.namespace", subject: processWith({}, { state: "Z", namespaces: new Map() }) },
  { rule: "process.namespace", subject: processWith({}, { state: "R", namespaces: new Map() }) },
  {
    rule: "socket.other",
    subject: liveWith({
      processes: [first, { ...first, pid: 501, execSession: true }],
      sockets: socketWith({ kind: "netlink", pid: 501 }).live?.sockets ?? [],
    }),
  },
  {
    rule: "memory.deleted-file",
    subject: processWith({ specialMappings: ["/dev/zero (deleted)", "/memfd:v8 (deleted)", "/[aio] (deleted)"] }),
  },
  { rule: "memory.device", subject: processWith({ specialMappings: ["/dev/zero (deleted)", "/dev/shm/pool"] }) },
  { rule: "descriptor.kernel-object", subject: descriptorWith("anon_inode:[timerfd]", "other") },
  { rule: "descriptor.deleted-file", subject: descriptorWith("/memfd:cache (deleted)", "file") },
  { rule: "descriptor.device", subject: descriptorWith("/dev/urandom", "character-device") },
  { rule: "socket.address", subject: socketWith({ local: { address: "127.0.0.11", port: 53 } }) },
  { rule: "socket.address", subject: socketWith({ state: "connected", local, remote: local }) },
  { rule: "socket.connection", subject: socketWith({ local }) },
];

testExamples(["Its processes"], hits, misses);
