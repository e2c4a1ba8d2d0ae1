export interface BundleConfig {
  readonly arguments: readonly string[];
  /** The container's id; its control group is named after it. */
  readonly id: string;
  /** Folder of the root file system. */
  readonly root: string;
  readonly environment?: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] };
  /** Added to Docker's default set. */
  readonly capabilities?: readonly string[];
  /** Path of the network namespace; default: one of its own. */
  readonly networkNamespace?: string;
  /** Whether this machine's programs are shown in the container. Default: true. */
  readonly hostPrograms?: boolean;
}

/** What Docker gives to every container that asks for nothing else (moby 20.10, oci/caps/defaults.go). */
export const defaultCapabilities = [
  ...["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID"],
  ...["CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE"],
] as const;

/** A bundle's config.json with the order of keys, and without the spaces, that Docker 20.10 writes it with. */
export function dockerConfig(config: BundleConfig): string {
  const { arguments: args, id, root, environment = [], user, capabilities = [], hostPrograms = true, networkNamespace } = config;
  const names = [...defaultCapabilities, ...capabilities];
  const device = (allow: boolean, major: number, minor: number) => ({ allow, type: "c", major, minor, access: "rwm" });
  return JSON.stringify({
    ociVersion: "1.0.2-dev",
    process: {
      user: user ?? { uid: 0, gid: 0, additionalGids: [0] },
      args,
      env: ["PATH=/usr/bin", `HOSTNAME=${id}`, ...environment],
      cwd: "/",
      capabilities: { bounding: names, effective: names, permitted: names },
      oomScoreAdj: 0,
    },
    root: { path: root },
    hostname: id.slice(0, 12),
    mounts: [
      mount("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
      mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
      mount("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
      mount("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
      mount("/sys/fs/cgroup", "cgroup", "cgroup", ["ro", "nosuid", "noexec", "nodev"]),
      mount("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
      mount("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=67108864"]),
      ...(hostPrograms ? [mount("/usr", "bind", "/usr", ["rbind", "rprivate", "ro"])] : []),
    ],
    linux: {
      sysctl: { "net.ipv4.ip_unprivileged_port_start": "0" },
      resources: {
        devices: [
          { allow: false, access: "rwm" },
          ...[5, 3, 9, 8].map((minor) => device(true, 1, minor)),
          ...[device(true, 5, 0), device(true, 5, 1), device(false, 10, 229)],
        ],
        memory: { disableOOMKiller: false },
        cpu: { shares: 0 },
        blockIO: { weight: 0 },
      },
      cgroupsPath: `/migrate-container-test-${id}`,
      namespaces: ["mount", "network", "uts", "pid", "ipc"].map((type) => ({
        type,
        ...(type === "network" && networkNamespace !== undefined ? { path: networkNamespace } : {}),
      })),
      // Docker's profile lists what is allowed; of what it forbids, io_uring (since 25.0) decides whether CRIU can dump Node.js.
      seccomp: {
        defaultAction: "SCMP_ACT_ALLOW",
        architectures: ["SCMP_ARCH_X86_64"],
        syscalls: [{ names: ["io_uring_setup", "io_uring_enter", "io_uring_register"], action: "SCMP_ACT_ERRNO" }],
      },
      maskedPaths: ["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi", "/sys/firmware"],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    },
  });
}

function mount(destination: string, type: string, source: string, options: readonly string[]): Record<string, unknown> {
  return { destination, type, source, options };
}
