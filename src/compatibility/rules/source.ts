import { every, type Rule, sourceRule } from "../rule.ts";

const local = sourceRule({
  name: "source.local",
  severity: "blocker",
  strategies: every,
  why: "What is moved is read on the machine where migrate-container runs.",
  remedy: "Run migrate-container on the machine where the container is.",
  see: ({ host }) => (host === "local" ? [] : [`the container is on ${host}`]),
});

const root = sourceRule({
  name: "source.root",
  severity: "blocker",
  strategies: every,
  why: "Only root can read the memory of all processes, and what a container has written.",
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

export const sourceRules: readonly Rule[] = [local, root, criu];
