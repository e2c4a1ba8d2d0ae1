import { type Rule, sourceRule } from "../rule.ts";

const local = sourceRule({
  name: "source.local",
  severity: "blocker",
  why: "The dump is made and compiled on the machine where migrate-container runs.",
  remedy: "Run migrate-container on the machine where the container is.",
  see: ({ host }) => (host === "local" ? [] : [`the container is on ${host}`]),
});

const root = sourceRule({
  name: "source.root",
  severity: "blocker",
  why: "Only root can read the memory of all processes.",
  remedy: "Run migrate-container as root (`sudo`).",
  see: ({ hostFacts }) => (hostFacts.uid === 0 ? [] : [`commands run as user ${hostFacts.uid}`]),
});

const criu = sourceRule({
  name: "source.criu",
  severity: "blocker",
  why: "CRIU makes the dump. Versions before 4.2 can't dump network sockets on Linux 6.16 and later.",
  remedy: "Run `migrate-container setup`, which fetches one into a folder of its own.",
  see: ({ criu: found }) => (found === undefined ? ["there is no CRIU 4.2 or later that works"] : []),
});

const architecture = sourceRule({
  name: "source.architecture",
  severity: "blocker",
  why: "So far x86_64 programs are moved, from x86_64 machines.",
  remedy: "Make the container anew on the other machine from an image for its architecture; what is in memory is lost then.",
  see({ image, hostFacts }) {
    const machine = hostFacts.architecture === "x86_64" ? [] : [`the machine is ${hostFacts.architecture}`];
    return [...machine, ...(image.Architecture === "amd64" ? [] : [`the image is for ${image.Architecture}`])];
  },
});

export const sourceRules: readonly Rule[] = [local, root, criu, architecture];
