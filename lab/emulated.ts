import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { progress, run } from "./command.ts";
import { freePorts } from "./free-ports.ts";
import type { Lab } from "./lab.ts";
import { machineFolder } from "./machine-state.ts";
import { buildOnce } from "./recipe-cache.ts";

/** What QEMU is told about a machine of one architecture. */
interface Hardware {
  /** Debian's name of the architecture. */
  readonly architecture: "arm64" | "amd64";
  readonly program: string;
  readonly parameters: readonly string[];
  /** What the kernel is told beyond what all machines are. */
  readonly kernelParameters: string;
}

const memoryMegabytes = 4096;
/** Ports of a machine that are reachable from this host, at ports of the host's choice. */
const forwardedPorts = [22, 5432, 5555, 6379, 6380, 8080, 8081];

/** A Debian 13 machine with Docker, emulated by QEMU; what it writes is thrown away when it stops. */
export const arm64 = emulatedMachine({
  architecture: "arm64",
  program: "qemu-system-aarch64",
  // `-cpu max` computes pointer authentication in software, which makes everything 5 to 10 times slower.
  parameters: ["-machine", "virt,gic-version=3", "-cpu", "cortex-a72"],
  kernelParameters: "console=ttyAMA0 acpi=off efi=off",
});

/** The same for x86_64. Unlike this host's, its containers may run as other users than root and be dumped. */
export const amd64 = emulatedMachine({
  architecture: "amd64",
  program: "qemu-system-x86_64",
  // QEMU's `max` has AVX2 but no AVX-512. Page tables of five levels would only cost time.
  parameters: ["-machine", "q35", "-cpu", "max,la57=off"],
  kernelParameters: "console=ttyS0 no_timer_check",
});

function emulatedMachine(hardware: Hardware): Lab {
  const { architecture, program } = hardware;
  const name = `${architecture}-lab`;
  return {
    name,

    build: () =>
      buildOnce({
        name: architecture,
        script: "build-machine.sh",
        parameters: [architecture],
        files: ["debian.sh", "machine-init", "machine-sshd.conf"],
      }),

    async start({ path, key }) {
      const folder = machineFolder(name);
      await mkdir(folder, { recursive: true });
      const pidFile = join(folder, "qemu.pid");
      await rm(pidFile, { force: true });
      const hostPorts = await freePorts(forwardedPorts.length);
      const ports = Object.fromEntries(forwardedPorts.map((port, index) => [port, hostPorts[index]!]));
      progress(`starting the emulated ${architecture} machine (console: ${join(folder, "console.log")})…`);
      await run(program, qemuParameters(hardware, name, path, ports), { timeoutMs: 60_000 });
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
}

function qemuParameters(hardware: Hardware, name: string, product: string, ports: Readonly<Record<number, number>>): string[] {
  const folder = machineFolder(name);
  const forwards = Object.entries(ports).map(([guest, host]) => `hostfwd=tcp:127.0.0.1:${host}-:${guest}`);
  // The kernels have NVMe and ext4 built in, so that no initial RAM disk is needed.
  return [
    ...["-name", name, ...hardware.parameters, "-accel", "tcg,thread=multi,tb-size=512"],
    ...["-smp", "2", "-m", String(memoryMegabytes), "-display", "none", "-nodefaults", "-no-user-config", "-no-reboot"],
    ...["-serial", `file:${join(folder, "console.log")}`, "-pidfile", join(folder, "qemu.pid"), "-daemonize"],
    ...["-kernel", join(product, "vmlinuz"), "-append", `${kernelParameters} ${hardware.kernelParameters}`],
    ...["-drive", `if=none,id=disk,file=${join(product, "disk.ext4")},format=raw,snapshot=on,cache=unsafe,discard=unmap`],
    ...["-device", "nvme,drive=disk,serial=lab"],
    ...["-netdev", ["user,id=net", ...forwards].join(","), "-device", "virtio-net-pci,netdev=net,romfile="],
  ];
}

const kernelParameters = [
  "root=/dev/nvme0n1 rootfstype=ext4 ro init=/lab-init quiet loglevel=3 panic=-1",
  // What only costs time under emulation.
  "mitigations=off nokaslr init_on_alloc=0 audit=0 apparmor=0 initcall_blacklist=jent_mod_init rcupdate.rcu_expedited=1",
].join(" ");
