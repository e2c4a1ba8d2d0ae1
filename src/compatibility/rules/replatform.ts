import { canBeMadeElsewhere } from "../../engine/docker/networks.ts";
import { isBundleRuntime } from "../../engine/engine-name.ts";
import { runtimeNames } from "../../engine/resume-runtime/wrapper.ts";
import { type Rule, sourceRule, targetRule } from "../rule.ts";
import { reserve } from "./target.ts";
import { listed, mebibytes } from "./words.ts";

const strategies = ["replatform"] as const;

/** Docker's names. */
const architectures: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

const image = sourceRule({
  name: "replatform.image",
  severity: "warning",
  strategies,
  why: "A container that is started anew needs an image for the target's architecture. Programs that it has installed itself are of the old one.",
  remedy:
    "Have the variant in a registry that the target can pull from, or name one: `--image <name>`, `--image-archive <file>`.",
  see({ image: { Architecture: architecture } }, { targetArchitecture }) {
    const wanted = architectures[targetArchitecture];
    return wanted === architecture ? [] : [`the image is for ${architecture}, the target is ${targetArchitecture}`];
  },
});

const programs = targetRule({
  name: "replatform.programs",
  severity: "blocker",
  strategies,
  why: "A container of a bundle has no image that there could be for another architecture.",
  remedy: "Use `--strategy resume`, or make a bundle for that architecture there.",
  see({ hostFacts: { architecture } }, { subject: { engine, hostFacts } }) {
    return isBundleRuntime(engine.engine) && architecture !== hostFacts.architecture
      ? [`it is ${architecture}, and the bundle's programs are for ${hostFacts.architecture}`]
      : [];
  },
});

const networks = targetRule({
  name: "replatform.network",
  severity: "blocker",
  strategies,
  why: "Of networks that a user made only those of the driver `bridge` are made on the target; otherwise the container is put into the one of the same name.",
  remedy: "Make them there with `docker network create`.",
  see({ networks: there, engine }, { subject: { container, networks = [] } }) {
    if (engine === undefined) return [];
    const made = new Set(networks.filter(canBeMadeElsewhere).map(({ Name: name }) => name));
    const missing = Object.keys(container.NetworkSettings.Networks ?? {}).filter((name) => !there.has(name) && !made.has(name));
    return missing.length === 0 || container.HostConfig.NetworkMode?.startsWith("container:")
      ? []
      : [`it has no network ${listed(missing)}`];
  },
});

const runtime = targetRule({
  name: "replatform.runtime",
  severity: "blocker",
  strategies,
  why: "The container was made for a runtime of its own, which isolates it otherwise than runc does.",
  remedy: "Tell the target's Docker of that runtime, in its daemon.json.",
  see({ engine }, { subject: { container, engine: ours } }) {
    const name = container.HostConfig.Runtime || ours.defaultRuntime;
    const usual = [ours.defaultRuntime, "runc", "crun", "io.containerd.runc.v2", ...Object.values(runtimeNames)];
    return engine === undefined || usual.includes(name) || engine.runtimes.has(name) ? [] : [`its Docker has no runtime ${name}`];
  },
});

const space = targetRule({
  name: "replatform.space",
  severity: "blocker",
  strategies,
  why: "The files that the container has written are put on its disk.",
  remedy: "Make room there (`docker system df`, `docker image prune`).",
  see({ hostFacts, engine }, { subject }) {
    if (engine === undefined) return [];
    const free = hostFacts.freeBytes.get(engine.rootDirectory) ?? 0;
    const needed = (subject.writableBytes ?? 0) + reserve;
    return free < needed ? [`${mebibytes(free)} are free at ${engine.rootDirectory}, about ${mebibytes(needed)} are needed`] : [];
  },
});

/** What a container needs that is started anew. */
export const replatformRules: readonly Rule[] = [programs, networks, runtime, space];
export const imageRules: readonly Rule[] = [image];
