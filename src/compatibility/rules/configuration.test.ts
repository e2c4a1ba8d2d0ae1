import type { Subject } from "../subject.ts";
import { type Hit, type Miss, testExamples } from "../testing/examples.ts";
import { armTarget, containerWith, engine, liveWith, runc, subjectWith, targetWith } from "../testing/situations.ts";

const oldRunc = { path: "/usr/sbin/runc", program: "runc", version: "1.1.5", timeNamespaces: false } as const;

const withAppArmor = { ...engine, securityOptions: new Set(["apparmor", "seccomp"]) };

function confined(profile: string): Subject {
  const { container } = subjectWith();
  return subjectWith({ container: { ...container, AppArmorProfile: profile } });
}

const hits: readonly Hit[] = [
  { rule: "container.namespaces", subject: containerWith({ HostConfig: { PidMode: "host" } }), seen: /--pid=host/ },
  {
    rule: "container.joined",
    subject: containerWith({ HostConfig: { IpcMode: "container:abc" } }),
    seen: /--ipc=container:abc/,
  },
  {
    rule: "container.joined",
    subject: containerWith({ HostConfig: { NetworkMode: "container:abc" } }),
    seen: /--network=container:abc/,
  },
  { rule: "container.namespaces", subject: containerWith({ HostConfig: { UTSMode: "host" } }), seen: /--uts=host/ },
  {
    rule: "container.joined",
    subject: { ...containerWith({ HostConfig: { NetworkMode: "container:/run/netns/web" } }), engine: runc },
    seen: /^its network namespace, \/run\/netns\/web, is one/,
  },
  {
    rule: "container.user-namespace",
    subject: { ...liveWith({ hostUserNamespace: "user:[99]" }), engine: runc },
    seen: /^it has a user namespace of its own$/,
  },
  { rule: "container.user-namespace", subject: liveWith({ hostUserNamespace: "user:[99]" }), seen: /user namespace/ },
  {
    rule: "container.user-namespace",
    subject: subjectWith({ live: undefined, engine: { ...engine, securityOptions: new Set(["userns"]) } }),
    seen: /user namespace/,
  },
  { rule: "container.runtime", subject: containerWith({ HostConfig: { Runtime: "runsc" } }), seen: /runsc/ },
  {
    rule: "container.security-options",
    subject: containerWith({ HostConfig: { SecurityOpt: ["seccomp={}"] } }),
    seen: /seccomp/,
  },
  { rule: "container.machine-settings", subject: containerWith({ HostConfig: { CpusetCpus: "0-1" } }), seen: /--cpuset-cpus/ },
  {
    rule: "container.log-driver",
    subject: containerWith({ HostConfig: { LogConfig: { Type: "fluentd", Config: {} } } }),
    seen: /fluentd/,
  },
  { rule: "container.logs", subject: subjectWith({ engine: { ...engine, engine: "podman" } }), seen: /begin anew/ },
  {
    rule: "container.memory-limit",
    subject: containerWith({ HostConfig: { Memory: 2 ** 28 } }),
    target: armTarget(),
    seen: /256 MiB/,
  },
  { rule: "container.init", subject: containerWith({ HostConfig: { Init: true } }), target: armTarget(), seen: /--init/ },
  { rule: "target.runtime", target: targetWith({ runtimes: [] }), seen: /neither/ },
  { rule: "target.runtime", target: targetWith({ runtimes: [{ ...oldRunc, version: "1.0.3" }] }), seen: /runc is 1\.0\.3/ },
  {
    rule: "target.clocks",
    target: targetWith({ runtimes: [oldRunc], unshareSetsClocks: false }),
    seen: /runc 1\.1\.5.*no `unshare`/,
  },
  {
    rule: "target.clocks-by-unshare",
    target: targetWith({ runtimes: [oldRunc] }),
    seen: /runc 1\.1\.5 knows no time namespaces/,
  },
  { rule: "target.time-namespaces", target: targetWith({ timeNamespaces: false }), seen: /kernel/ },
  {
    rule: "target.cgroup-version",
    target: targetWith({ engine: { ...engine, cgroupVersion: 1 } }),
    seen: /version 1, the source of version 2/,
  },
  {
    rule: "target.apparmor-profile",
    subject: confined("nginx-web"),
    target: targetWith({ engine: withAppArmor, appArmorProfiles: new Set(["docker-default"]) }),
    seen: /profile nginx-web/,
  },
  { rule: "target.confinement", target: targetWith({ engine: { ...engine, securityOptions: new Set() } }), seen: /seccomp/ },
  {
    rule: "target.confinement",
    subject: subjectWith({ engine: withAppArmor }),
    seen: /confines no container with apparmor/,
  },
  { rule: "target.cpus", subject: containerWith({ HostConfig: { NanoCpus: 6e9 } }), seen: /may use 6 CPUs, it has 4/ },
  { rule: "target.memory-limit", subject: containerWith({ HostConfig: { Memory: 2 ** 40 } }), seen: /above all the memory/ },
  { rule: "target.cgroups", subject: containerWith({ HostConfig: { MemorySwappiness: 10 } }), seen: /--memory-swappiness/ },
];

const misses: readonly Miss[] = [
  { rule: "container.namespaces", subject: containerWith({ HostConfig: { IpcMode: "shareable" } }) },
  { rule: "container.runtime", subject: subjectWith({ engine: { ...engine, runtimes: new Map([["runc", ""]]) } }) },
  {
    rule: "container.security-options",
    subject: containerWith({ HostConfig: { SecurityOpt: ["seccomp=unconfined", "no-new-privileges"] } }),
  },
  { rule: "container.memory-limit", subject: containerWith({ HostConfig: { Memory: 2 ** 28 } }) },
  { rule: "container.init", subject: containerWith({ HostConfig: { Init: true } }) },
  { rule: "container.init", subject: containerWith({ HostConfig: { Init: false } }), target: armTarget() },
  { rule: "container.memory-limit", subject: containerWith({ HostConfig: { Memory: 0 } }), target: "none" },
  { rule: "target.clocks", target: targetWith({ runtimes: [oldRunc], unshareSetsClocks: false, bootId: "one" }) },
  { rule: "target.clocks", target: targetWith({ runtimes: [oldRunc] }) },
  { rule: "target.clocks", target: targetWith({ runtimes: [oldRunc], timeNamespaces: false }) },
  { rule: "target.clocks-by-unshare" },
  { rule: "target.clocks-by-unshare", target: targetWith({ runtimes: [] }) },
  { rule: "target.clocks-by-unshare", target: targetWith({ runtimes: [oldRunc], timeNamespaces: false }) },
  { rule: "target.time-namespaces", target: targetWith({ timeNamespaces: false, bootId: "one" }) },
  { rule: "target.apparmor-profile", subject: confined("nginx-web") },
  { rule: "target.apparmor-profile", subject: confined("docker-default"), target: targetWith({ engine: withAppArmor }) },
  {
    rule: "target.apparmor-profile",
    subject: confined("nginx-web"),
    target: targetWith({ engine: withAppArmor, appArmorProfiles: new Set(["nginx-web"]) }),
  },
  { rule: "target.cpus", subject: containerWith({ HostConfig: { NanoCpus: 4e9 } }) },
  {
    rule: "container.user-namespace",
    subject: {
      ...containerWith({ HostConfig: { UsernsMode: "host" } }),
      engine: { ...engine, securityOptions: new Set(["userns"]) },
    },
  },
  { rule: "target.cgroups", subject: containerWith({ HostConfig: { MemorySwappiness: -1 } }) },
  {
    rule: "target.cgroups",
    subject: containerWith({ HostConfig: { MemorySwappiness: 10 } }),
    target: targetWith({ engine: { ...engine, cgroupVersion: 1 } }),
  },
];

testExamples(["The runtime configuration"], hits, misses);
