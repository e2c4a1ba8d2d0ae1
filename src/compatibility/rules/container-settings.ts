import { emulatorOf } from "../execution.ts";
import { every, type Rule, sourceRule } from "../rule.ts";
import { listed, mebibytes } from "./words.ts";

const machineSettings = sourceRule({
  name: "container.machine-settings",
  severity: "warning",
  strategies: every,
  why: "These settings are about the CPUs, disks and cgroups of this very machine, so the container on the target is made without them.",
  remedy: "Set them on the target with `docker update` if they make sense there.",
  see({ container: { HostConfig: config } }) {
    const settings = [
      ["--cpuset-cpus", config.CpusetCpus],
      ["--cpuset-mems", config.CpusetMems],
      ["--cgroup-parent", config.CgroupParent],
      ["--cpu-rt-runtime", config.CpuRealtimeRuntime],
      ["--blkio-weight-device", config.BlkioWeightDevice?.length],
      ["--device-read-bps", config.BlkioDeviceReadBps?.length],
      ["--device-write-bps", config.BlkioDeviceWriteBps?.length],
      ["--device-read-iops", config.BlkioDeviceReadIOps?.length],
      ["--device-write-iops", config.BlkioDeviceWriteIOps?.length],
    ] as const;
    const used = settings.flatMap(([option, value]) => (value === undefined || value === "" || value === 0 ? [] : [option]));
    return used.length === 0 ? [] : [`it was made with ${listed(used)}`];
  },
});

const logDriver = sourceRule({
  name: "container.log-driver",
  severity: "warning",
  strategies: every,
  why: "A logging service may be unknown to the target, whose own default is used there. What was logged so far comes along only of the drivers `json-file` and `local`.",
  remedy: "Set the target's default in its daemon.json (`log-driver`).",
  see({ container }) {
    const driver = container.HostConfig.LogConfig?.Type ?? "json-file";
    return ["json-file", "local", "none", ""].includes(driver) ? [] : [`its log driver is ${driver}`];
  },
});

const logs = sourceRule({
  name: "container.logs",
  severity: "warning",
  strategies: every,
  why: "Podman's log files have another form than Docker's: what was logged so far stays where it is.",
  remedy: "Keep it if you need it: `podman logs` or `docker logs` of the container that stays on the source, stopped.",
  see: (subject, { target }) =>
    [subject.engine.engine, target?.engine?.engine].includes("podman") ? ["the container's logs begin anew on the target"] : [],
});

const memoryLimit = sourceRule({
  name: "container.memory-limit",
  severity: "warning",
  strategies: ["resume"],
  why: "The emulator and the code it translates need memory too, and they count towards the container's limit.",
  remedy: "Raise the limit with `docker update --memory` before the move, by a quarter and 64 MiB.",
  see({ container }, situation) {
    const limit = container.HostConfig.Memory ?? 0;
    return limit > 0 && emulatorOf(situation) !== undefined
      ? [`the container may use at most ${mebibytes(limit)} of memory`]
      : [];
  },
});

const init = sourceRule({
  name: "container.init",
  severity: "blocker",
  strategies: ["resume"],
  why: "Docker's init program is the machine's own file: on the target it is one of another architecture, with which its process can't go on.",
  remedy: "Make the container without `--init`, with such a program in its image (`tini`), or use `--strategy replatform`.",
  see: ({ container }, situation) =>
    container.HostConfig.Init === true && emulatorOf(situation) !== undefined ? ["it has Docker's init program (--init)"] : [],
});

export const settingsRules: readonly Rule[] = [machineSettings, logDriver, logs, memoryLimit, init];
