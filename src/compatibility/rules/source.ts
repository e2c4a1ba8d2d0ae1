import { isLocal } from "../../host/local.ts";
import { every, type Rule, sourceRule } from "../rule.ts";
import { otherThanRoot } from "./words.ts";

const root = sourceRule({
  name: "source.root",
  severity: "blocker",
  strategies: every,
  why: "Only root can read the memory of all processes, and what a container has written.",
  remedy:
    "Run migrate-container as root (`sudo`), or connect to the machine as root or as a user that may use sudo without a password.",
  see: otherThanRoot,
});

const criu = sourceRule({
  name: "source.criu",
  severity: "blocker",
  why: "CRIU makes the dump. Versions before 4.2 can't dump network sockets on Linux 6.16 and later.",
  remedy: "Run `migrate-container setup`, which fetches one into a folder of its own.",
  see: ({ host, criu: found }) =>
    found !== undefined
      ? []
      : [
          {
            seen: "there is no CRIU 4.2 or later that works",
            remedy: `Run \`migrate-container setup${isLocal(host) ? "" : ` ${host}`}\`, which fetches one into a folder of its own.`,
          },
        ],
});

const engine = sourceRule({
  name: "source.engine",
  severity: "blocker",
  strategies: every,
  why: "On the target the container can't be made as it is here, or something would start it again here once it is moved.",
  see: ({ obstacles = [] }) => obstacles.filter(({ ofMemory, isLost }) => ofMemory !== true && isLost !== true),
});

const lost = sourceRule({
  name: "source.lost",
  severity: "warning",
  strategies: every,
  why: "What others on this machine have given to the container does not move with it.",
  see: ({ obstacles = [] }) => obstacles.filter(({ isLost }) => isLost === true),
});

const dump = sourceRule({
  name: "source.dump",
  severity: "blocker",
  why: "The container's own runtime has CRIU dump its processes.",
  see: ({ obstacles = [] }) => obstacles.filter(({ ofMemory }) => ofMemory === true),
});

export const sourceRules: readonly Rule[] = [root, criu, engine, lost, dump];
