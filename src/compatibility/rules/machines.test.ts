import type { NetworkRecord } from "../../engine/docker/networks.ts";
import { parseKernelConfig } from "../../kernel/config.ts";
import { kernelOptions } from "../../kernel/options.ts";
import { type Hit, type Miss, testExamples } from "../testing/examples.ts";
import {
  armTarget,
  containerWith,
  engine,
  hostFacts,
  liveWith,
  processWith,
  runc,
  subjectWith,
  targetHost,
  targetWith,
} from "../testing/situations.ts";

const criu = { binDirectory: "/usr/sbin", program: "/usr/sbin/criu", version: "4.3", bundled: true };

/** A kernel with all that is needed but these. */
function kernelWithout(...names: readonly string[]) {
  const lines = kernelOptions.filter(({ name }) => !names.includes(name)).map(({ name }) => `CONFIG_${name}=m`);
  return targetWith({ kernelConfig: parseKernelConfig(lines.join("\n"), "/proc/config.gz") });
}

function podmanTarget(changes: Partial<typeof engine> = {}) {
  return targetWith({ engine: { ...engine, engine: "podman", version: "4.3.1", ...changes } });
}

const bundle = subjectWith({ engine: runc });

const hits: readonly Hit[] = [
  { rule: "target.engine", subject: bundle, target: targetWith({ engine: undefined }), seen: /^it has neither runc nor crun$/ },
  { rule: "target.kind", subject: bundle, seen: /^with Docker it takes no bundle$/ },
  {
    rule: "target.kind",
    target: targetWith({ engine: runc }),
    seen: /^with runc it takes bundles, and the container is Docker's$/,
  },
  {
    rule: "source.lost",
    subject: subjectWith({ obstacles: [{ seen: "it was given eth0", remedy: "Give it one there.", isLost: true }] }),
    seen: /^it was given eth0$/,
  },
  {
    rule: "restore.runtime",
    subject: bundle,
    target: targetWith({ engine: { ...runc, engine: "crun", lacksCriu: true } }),
    seen: /^its crun was built without CRIU$/,
  },
  {
    rule: "replatform.programs",
    subject: bundle,
    target: { ...armTarget(), engine: runc },
    seen: /^it is aarch64, and the bundle's programs are for x86_64$/,
  },
  { rule: "target.checkpoint-restore", target: kernelWithout("CHECKPOINT_RESTORE"), seen: /without CONFIG_CHECKPOINT_RESTORE$/ },
  { rule: "target.kernel-options", target: kernelWithout("VETH", "BRIDGE"), seen: /without CONFIG_VETH, CONFIG_BRIDGE$/ },
  { rule: "restore.kernel-options", target: kernelWithout("UNIX_DIAG"), seen: /without CONFIG_UNIX_DIAG$/ },
  { rule: "restore.resumed", subject: liveWith({ isResumed: true }), seen: /moved here by `resume`/ },
  { rule: "restore.init", subject: containerWith({ HostConfig: { Init: true } }), seen: /--init/ },
  { rule: "source.root", subject: subjectWith({ hostFacts: { ...hostFacts, uid: 1000 } }), seen: /user 1000$/ },
  {
    rule: "source.root",
    subject: subjectWith({
      hostFacts: { ...hostFacts, uid: 1000 },
      withoutRoot: { why: "sudo: a password is required", remedy: "Let it." },
    }),
    seen: /user 1000 \(sudo: a password is required\)$/,
  },
  {
    rule: "source.engine",
    subject: subjectWith({ obstacles: [{ seen: "it is in the pod web", remedy: "Make it outside of a pod." }] }),
    seen: /^it is in the pod web$/,
  },
  {
    rule: "source.dump",
    subject: subjectWith({ obstacles: [{ seen: "its crun has no CRIU", remedy: "Use runc.", ofMemory: true }] }),
    seen: /^its crun has no CRIU$/,
  },
  { rule: "source.criu", subject: subjectWith({ criu: undefined }), seen: /4\.2/ },
  { rule: "target.engine", target: targetWith({ engine: undefined }), seen: /no Docker/ },
  { rule: "target.engine", target: targetWith({ engine: { ...engine, version: "19.03.15" } }), seen: /19\.03/ },
  { rule: "target.storage-driver", target: targetWith({ engine: { ...engine, storageDriver: "vfs" } }), seen: /vfs/ },
  { rule: "target.storage-driver", target: podmanTarget({ storageDriver: "btrfs" }), seen: /its Podman uses .* btrfs$/ },
  { rule: "target.storage-driver", target: podmanTarget({ nativeOverlay: false }), seen: /metacopy/ },
  { rule: "target.podman", subject: containerWith({ HostConfig: { Init: true } }), target: podmanTarget(), seen: /init program/ },
  { rule: "restore.engine", target: podmanTarget(), seen: /Podman/ },
  {
    rule: "restore.engine",
    subject: bundle,
    target: targetWith({ engine: { ...runc, engine: "crun" } }),
    seen: /^it is crun there, and runc here$/,
  },
  {
    rule: "target.storage-driver",
    target: targetWith({ engine: { ...engine, containerdImageStore: true } }),
    seen: /containerd/,
  },
  { rule: "target.root", target: targetHost({ uid: 1000 }), seen: /user 1000$/ },
  {
    rule: "target.root",
    target: { ...targetHost({ uid: 1000 }), withoutRoot: { why: "sudo: a password is required", remedy: "Let it." } },
    seen: /user 1000 \(sudo: a password is required\)$/,
  },
  { rule: "target.work-folder", target: targetWith({ readOnlyFolder: "/" }), seen: /^\/ can't be written/ },
  { rule: "target.tools", target: targetWith({ missingTools: ["GNU tar"] }), seen: /GNU tar/ },
  { rule: "target.kernel", target: targetHost({ kernelRelease: "5.4.0-42-generic" }), seen: /5\.4/ },
  { rule: "target.name", target: targetWith({ containerNames: new Set(["web"]) }), seen: /web/ },
  {
    rule: "target.space",
    target: targetHost({
      freeBytes: new Map([
        ["/var/lib/migrate-container", 2 ** 20],
        ["/var/lib/docker", 2 ** 40],
      ]),
    }),
    seen: /1 MiB are free at \/var\/lib\/migrate-container/,
  },
  {
    rule: "target.space",
    subject: subjectWith({ writableBytes: 2 ** 30 }),
    target: targetHost({
      freeBytes: new Map([
        ["/var/lib/migrate-container", 2 ** 40],
        ["/var/lib/docker", 2 ** 28],
      ]),
    }),
    seen: /free at \/var\/lib\/docker/,
  },
  {
    rule: "target.image-space",
    target: targetHost({
      freeBytes: new Map([
        ["/var/lib/migrate-container", 2 ** 40],
        ["/var/lib/docker", 2 ** 26],
      ]),
    }),
    seen: /64 MiB are free/,
  },
  { rule: "target.memory", target: targetHost({ memoryAvailable: 50 * 2 ** 20 }), seen: /50 MiB of memory/ },
  { rule: "restore.criu", subject: subjectWith({ criu: { ...criu, bundled: false } }), seen: /no bundle to send/ },
  {
    rule: "restore.kernel",
    target: targetWith({ criu: { ...criu, problems: ["Kernel pid namespaces are not supported"] } }),
    seen: /CRIU says there: Kernel pid namespaces/,
  },
  { rule: "restore.runtime", target: targetWith({ runtimes: [] }), seen: /neither/ },
  {
    rule: "replatform.network",
    subject: {
      ...containerWith({ HostConfig: { NetworkMode: "lan" }, NetworkSettings: { Networks: { lan: {} } } }),
      networks: [{ Name: "lan", Driver: "macvlan", Scope: "local" } as NetworkRecord],
    },
    seen: /no network lan/,
  },
  {
    rule: "replatform.network",
    subject: containerWith({ HostConfig: { NetworkMode: "shop" }, NetworkSettings: { Networks: { shop: {} } } }),
    seen: /no network shop/,
  },
  { rule: "replatform.runtime", subject: containerWith({ HostConfig: { Runtime: "runsc" } }), seen: /no runtime runsc/ },
  {
    rule: "replatform.space",
    subject: subjectWith({ writableBytes: 2 ** 40 }),
    seen: /9216 MiB are free at \/var\/lib\/docker/,
  },
];

const misses: readonly Miss[] = [
  { rule: "target.engine", subject: bundle, target: targetWith({ engine: runc }) },
  { rule: "target.kind", subject: bundle, target: targetWith({ engine: { ...runc, engine: "crun" } }) },
  { rule: "target.kind", subject: bundle, target: targetWith({ engine: undefined }) },
  { rule: "target.kind", target: podmanTarget() },
  { rule: "restore.engine", subject: bundle, target: targetWith({ engine: runc }) },
  { rule: "target.storage-driver", target: targetWith({ engine: runc }) },
  { rule: "source.lost", subject: subjectWith({ obstacles: [{ seen: "", remedy: "" }] }) },
  { rule: "source.engine", subject: subjectWith({ obstacles: [{ seen: "", remedy: "", isLost: true }] }) },
  { rule: "replatform.programs", target: armTarget() },
  { rule: "target.engine", target: podmanTarget() },
  { rule: "target.storage-driver", target: podmanTarget() },
  { rule: "target.podman", target: podmanTarget() },
  { rule: "source.engine", subject: subjectWith({ obstacles: [] }) },
  { rule: "source.engine", subject: subjectWith({ obstacles: [{ seen: "", remedy: "", ofMemory: true }] }) },
  { rule: "restore.init", subject: containerWith({ HostConfig: { Init: false } }) },
  { rule: "target.checkpoint-restore", target: kernelWithout("VETH") },
  { rule: "target.checkpoint-restore", target: targetWith({ kernelConfig: undefined }) },
  { rule: "target.kernel-options", target: kernelWithout("CHECKPOINT_RESTORE", "UNIX_DIAG", "BINFMT_MISC") },
  { rule: "target.kernel-options", target: targetWith({ kernelConfig: undefined }) },
  { rule: "target.kernel-options", target: { ...kernelWithout("VETH", "BRIDGE"), engine: runc } },
  { rule: "restore.kernel-options", target: kernelWithout("VETH", "TIME_NS") },
  { rule: "target.kernel", target: targetHost({ kernelRelease: "5.10.0" }) },
  { rule: "target.image-space", target: targetWith({ engine: undefined }) },
  { rule: "restore.criu" },
  { rule: "restore.criu", subject: subjectWith({ criu: undefined }), target: armTarget() },
  { rule: "restore.criu", subject: subjectWith({ criu: undefined }), target: targetWith({ criu: { ...criu, problems: [] } }) },
  { rule: "restore.kernel", target: targetWith({ criu: { ...criu, problems: [] } }) },
  {
    rule: "replatform.network",
    subject: {
      ...containerWith({ HostConfig: { NetworkMode: "shop" }, NetworkSettings: { Networks: { shop: {} } } }),
      networks: [{ Name: "shop", Driver: "bridge", Scope: "local" } as NetworkRecord],
    },
  },
  { rule: "replatform.network", subject: containerWith({ HostConfig: { NetworkMode: "host" } }) },
  {
    rule: "replatform.runtime",
    subject: containerWith({ HostConfig: { Runtime: "runsc" } }),
    target: targetWith({ engine: { ...engine, runtimes: new Map([["runsc", "/usr/bin/runsc"]]) } }),
  },
  { rule: "replatform.space", subject: processWith({ memoryBytes: 2 ** 40 }) },
];

testExamples(["The machines"], hits, misses);
