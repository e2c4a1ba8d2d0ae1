/** Who needs an option of the kernel: Docker; CRIU, for dumps and `restore`; the program of `resume`. */
export type KernelUser = "docker" | "criu" | "resume";

/** One thing that a kernel must have been built with. */
export interface KernelOption {
  /** Without `CONFIG_`. */
  readonly name: string;
  readonly users: readonly KernelUser[];
  /** Only kernels of this architecture need it. Default: all. */
  readonly architecture?: "aarch64";
  /** Options any of which does as well. */
  readonly instead?: readonly string[];
  /** What it is needed for. */
  readonly why: string;
}

/** Where it is written that they are needed. */
export const sources: Readonly<Record<KernelUser, string>> = {
  docker: "https://github.com/moby/moby/blob/master/contrib/check-config.sh",
  criu: "https://criu.org/Linux_kernel",
  resume: "docs/android-kernel.md",
};

const docker = (name: string, why: string, instead?: readonly string[]): KernelOption => ({
  ...{ name, why, users: ["docker"] },
  ...(instead === undefined ? {} : { instead }),
});
const criu = (name: string, why: string): KernelOption => ({ name, why, users: ["criu"] });

/** What Docker's check-config.sh calls generally necessary, and the storage driver that this tool knows. */
const dockerOptions: readonly KernelOption[] = [
  { name: "NAMESPACES", users: ["docker", "criu"], why: "containers are made of namespaces" },
  { name: "NET_NS", users: ["docker", "criu"], why: "a container has a network of its own" },
  { name: "PID_NS", users: ["docker", "criu", "resume"], why: "processes keep their ids, whatever ids the machine has in use" },
  { name: "IPC_NS", users: ["docker", "criu"], why: "a container has System V objects and message queues of its own" },
  { name: "UTS_NS", users: ["docker", "criu"], why: "a container has a host name of its own" },
  docker("CGROUPS", "containers are held in control groups"),
  docker("CGROUP_SCHED", "shares of the CPU"),
  { name: "CGROUP_FREEZER", users: ["docker", "criu"], why: "processes are frozen while they are dumped" },
  docker("CGROUP_DEVICE", "access to devices, in control groups of version 1", ["CGROUP_BPF"]),
  docker("CPUSETS", "choice of CPUs"),
  docker("MEMCG", "limits of memory"),
  docker("CGROUP_PIDS", "limits of the number of processes"),
  docker("KEYS", "a container has a session keyring of its own"),
  docker("OVERLAY_FS", "the storage driver overlay2, which layers are put into"),
  docker("VETH", "the cable between a container and the bridge"),
  docker("BRIDGE", "Docker's default network"),
  docker("BRIDGE_NETFILTER", "filters between containers on one bridge"),
  docker("NF_NAT", "published ports"),
  docker("IP_NF_FILTER", "Docker's rules for packets", ["NF_TABLES"]),
  docker("IP_NF_NAT", "published ports", ["NF_TABLES"]),
  docker("IP_NF_TARGET_MASQUERADE", "connections from containers to outside", ["NETFILTER_XT_TARGET_MASQUERADE", "NFT_MASQ"]),
  docker("NETFILTER_XT_MATCH_ADDRTYPE", "Docker's rule for addresses of the machine itself"),
  docker("NETFILTER_XT_MATCH_CONNTRACK", "Docker's rule for answers to connections"),
  { name: "NETFILTER_XT_MARK", users: ["docker", "criu"], why: "packets are held back while a container is dumped or restored" },
  { name: "SYSVIPC", users: ["docker", "criu"], why: "shared memory and semaphores of System V, which IPC_NS is about" },
  docker("POSIX_MQUEUE", "/dev/mqueue in containers"),
];

/** https://criu.org/Linux_kernel: without these CRIU does not work. */
const criuOptions: readonly KernelOption[] = [
  {
    name: "CHECKPOINT_RESTORE",
    users: ["criu", "resume"],
    why: "process ids are chosen (ns_last_pid), and where a process's parts lie is told (map_files, kcmp) and set (PR_SET_MM_MAP); on older kernels it is hidden below EXPERT",
  },
  criu("FHANDLE", "files that inotify watches are opened by their handles"),
  criu("EVENTFD", "event descriptors"),
  criu("EPOLL", "epoll descriptors"),
  criu("UNIX_DIAG", "what UNIX sockets are connected to"),
  criu("INET_DIAG", "the state of TCP sockets"),
  criu("INET_UDP_DIAG", "the state of UDP sockets"),
  criu("PACKET_DIAG", "the state of packet sockets"),
  criu("NETLINK_DIAG", "the state of netlink sockets"),
  criu("TUN", "tun and tap devices; `criu check` asks for it"),
];

const arm = { architecture: "aarch64", users: ["resume"] } as const;

/** What this tool's own programs need there. */
const resumeOptions: readonly KernelOption[] = [
  { name: "TIME_NS", users: ["resume", "criu"], why: "programs go on by the clocks that they know (Linux 5.6 and later)" },
  { name: "BINFMT_SCRIPT", users: ["resume"], why: "Docker starts the container through a runtime that is a shell script" },
  { ...arm, name: "BINFMT_MISC", why: "x86_64 programs are given to the emulator" },
  { ...arm, name: "ARM64_4K_PAGES", why: "x86_64 programs map memory in pages of 4096 bytes" },
  {
    ...{ ...arm, name: "ARM64_VA_BITS_48", instead: ["ARM64_VA_BITS_52"] },
    why: "x86_64 programs have addresses of 47 bits; Android's kernels mostly have 39 (ARM64_VA_BITS_39)",
  },
];

export const kernelOptions: readonly KernelOption[] = [...dockerOptions, ...criuOptions, ...resumeOptions];
