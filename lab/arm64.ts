import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { progress, run } from "./command.ts";
import { freePorts } from "./free-ports.ts";
import type { Lab } from "./lab.ts";
import { machineFolder } from "./machine-state.ts";
import { buildOnce, type Recipe } from "./recipe-cache.ts";

const name = "arm64-lab";
const memoryMegabytes = 4096;
/** Ports of the machine that are reachable from this host, at ports of the host's choice. */
const forwardedPorts = [22, 6379, 6380, 8080, 8081];

const recipe: Recipe = {
  name: "arm64",
  script: "build-arm64.sh",
  parameters: [],
  files: ["debian.sh", "arm64-init", "arm64-sshd.conf"],
};

/** A Debian 13 machine with Docker, emulated by QEMU; what it writes is thrown away when it stops. */
export const arm64: Lab = {
  name,
  build: () => buildOnce(recipe),

  async start({ path, key }) {
    const folder = machineFolder(name);
    await mkdir(folder, { recursive: true });
    const pidFile = join(folder, "qemu.pid");
    await rm(pidFile, { force: true });
    const hostPorts = await freePorts(forwardedPorts.length);
    const ports = Object.fromEntries(forwardedPorts.map((port, index) => [port, hostPorts[index]!]));
    progress(`starting the emulated ARM64 machine (console: ${join(folder, "console.log")})…`);
    await run("qemu-system-aarch64", qemuParameters(path, folder, pidFile, ports), { timeoutMs: 60_000 });
    return {
      state: { processId: Number(await readFile(pidFile, "utf8")), key, address: "127.0.0.1", ports },
      access: {
        alias: name,
        address: "127.0.0.1",
        port: ports[22]!,
        identityFile: join(path, "user-key"),
        knownHostsFile: join(path, "known-hosts"),
      },
    };
  },

  async clean() {},
};

function qemuParameters(product: string, folder: string, pidFile: string, ports: Readonly<Record<number, number>>): string[] {
  const forwards = Object.entries(ports).map(([guest, host]) => `hostfwd=tcp:127.0.0.1:${host}-:${guest}`);
  // `-cpu max` computes pointer authentication in software, which makes everything 5 to 10 times slower. The
  // kernel has NVMe and ext4 built in, so that no initial RAM disk is needed.
  return [
    ...["-name", name, "-machine", "virt,gic-version=3", "-cpu", "cortex-a72", "-accel", "tcg,thread=multi,tb-size=512"],
    ...["-smp", "2", "-m", String(memoryMegabytes), "-display", "none", "-nodefaults", "-no-user-config", "-no-reboot"],
    ...["-serial", `file:${join(folder, "console.log")}`, "-pidfile", pidFile, "-daemonize"],
    ...["-kernel", join(product, "vmlinuz"), "-append", kernelCommandLine],
    ...["-drive", `if=none,id=disk,file=${join(product, "disk.ext4")},format=raw,snapshot=on,cache=unsafe,discard=unmap`],
    ...["-device", "nvme,drive=disk,serial=lab"],
    ...["-netdev", ["user,id=net", ...forwards].join(","), "-device", "virtio-net-pci,netdev=net,romfile="],
  ];
}

const kernelCommandLine = [
  "root=/dev/nvme0n1 rootfstype=ext4 ro init=/lab-init console=ttyAMA0 quiet loglevel=3 panic=-1",
  // What only costs time under emulation.
  "mitigations=off nokaslr init_on_alloc=0 audit=0 apparmor=0 initcall_blacklist=jent_mod_init rcupdate.rcu_expedited=1 acpi=off efi=off",
].join(" ");
