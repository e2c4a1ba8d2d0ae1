import type { DeviceFacts } from "../reading/devices.ts";
import { every, type Rule, sourceRule, targetRule } from "../rule.ts";
import type { Subject } from "../subject.ts";
import type { TargetFacts } from "../target-facts.ts";
import { everywhere } from "./descriptors.ts";
import { listed } from "./words.ts";

/** Devices that are no hardware, and the same on each machine that has them: what was done with one is in who has it open. */
const ofTheKernel = ["/dev/cuse", "/dev/fuse", "/dev/net/tun", "/dev/ppp", "/dev/uinput"];

const isCommon = ({ source }: Pick<DeviceFacts, "source">) => [...everywhere, ...ofTheKernel].includes(source);

const devices = sourceRule({
  name: "container.devices",
  severity: "blocker",
  warns: ["replatform"],
  why: `Devices belong to their machine, and what a process has told one is not in its memory. No hardware are ${listed(ofTheKernel)}: these it gets there, too. A container that is started anew gets those of the same names.`,
  remedy:
    "Say which ones of the target's it shall have: `--device /dev/ttyUSB0=/dev/ttyUSB1`; or make the container without them (`--device`, `--gpus`, `--device-cgroup-rule`).",
  see({ container: { HostConfig: config }, devices: known }) {
    const named: readonly { PathOnHost?: string }[] = config.Devices ?? [];
    const own = known ?? named.map(({ PathOnHost: source = "a device" }) => ({ source, isChosen: false }));
    const paths = own.filter((device) => !device.isChosen && !isCommon(device)).map(({ source }) => source);
    const requests = (config.DeviceRequests ?? []).map(({ Driver: driver }) => `a device request (${driver || "GPU"})`);
    const rules = (config.DeviceCgroupRules ?? []).map((rule) => `the rule ${rule}`);
    const all = [...paths, ...requests, ...rules];
    return all.length === 0 ? [] : [`it is given ${listed(all)}`];
  },
});

const targetDevices = targetRule({
  name: "target.devices",
  severity: "blocker",
  strategies: every,
  why: "Docker starts no container with a device that its machine does not have.",
  remedy:
    "Give it one of that name (`modprobe`), say which one it shall be (`--device /dev/ttyUSB0=/dev/ttyUSB1`), or make the container without it.",
  see({ devices: theirs }, { subject: { devices: own = [] } }) {
    const missing = own.filter(({ there }) => !theirs.has(there)).map(({ there }) => there);
    const others = own.flatMap(({ there, node }) => {
      const kind = theirs.get(there)?.kind;
      return kind === undefined || node === undefined || kind === node.kind ? [] : [`its ${there} is a ${kind}, no ${node.kind}`];
    });
    return [...(missing.length === 0 ? [] : [`it has no ${listed(missing)}`]), ...others];
  },
});

/** Those that have another number on the target, as words. */
function renumbered(
  { devices: theirs }: TargetFacts,
  { devices: own = [] }: Subject,
): (DeviceFacts & { readonly seen: string })[] {
  return own.flatMap((device) => {
    const [here, there] = [device.node, theirs.get(device.there)];
    if (here === undefined || there?.kind !== here.kind || there.number === here.number) return [];
    return [{ ...device, seen: `its ${device.there} is ${there.number}, the container has ${here.number}` }];
  });
}

const inDev = ({ destination }: DeviceFacts) => destination.startsWith("/dev/");

const numbers = targetRule({
  name: "target.device-number",
  severity: "blocker",
  strategies: every,
  why: "Outside of /dev a device is among the container's files, which come with the number that it has on the source.",
  remedy: "Make the container with the device in /dev.",
  see: (target, { subject }) =>
    renumbered(target, subject)
      .filter((device) => !inDev(device))
      .map(({ seen }) => seen),
});

const restored = targetRule({
  name: "restore.device-number",
  severity: "blocker",
  strategies: ["restore"],
  why: "CRIU makes /dev as it was on the source, with the numbers of that machine.",
  remedy: "Use `--strategy resume`, or a device of the same number.",
  see: (target, { subject }) =>
    renumbered(target, subject)
      .filter(inDev)
      .map(({ seen }) => seen),
});

export const deviceRules: readonly Rule[] = [devices, targetDevices, numbers, restored];
