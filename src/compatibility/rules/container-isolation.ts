import { isBundleRuntime } from "../../engine/engine-name.ts";
import { runtimeNames, runtimePaths } from "../../engine/resume-runtime/wrapper.ts";
import { every, type Rule, sourceRule } from "../rule.ts";

const privileged = sourceRule({
  name: "container.privileged",
  severity: "blocker",
  warns: ["replatform"],
  why: "A privileged container works on its machine's own devices and kernel, which are others on the target.",
  remedy: "Make the container without `--privileged`, with the capabilities that it needs (`--cap-add`).",
  see: ({ container }) => (container.HostConfig.Privileged === true ? ["it is privileged"] : []),
});

const namespaces = sourceRule({
  name: "container.namespaces",
  severity: "blocker",
  warns: ["replatform"],
  why: "What the container shares with its machine does not move with it.",
  remedy: "Make the container with namespaces of its own, which is Docker's default.",
  see({ container: { HostConfig: config } }) {
    const shared = [
      ["--pid", config.PidMode],
      ["--ipc", config.IpcMode],
      ["--uts", config.UTSMode],
    ] as const;
    return shared.flatMap(([option, mode]) => (mode === "host" ? [`it was made with ${option}=${mode}`] : []));
  },
});

const joined = sourceRule({
  name: "container.joined",
  severity: "blocker",
  strategies: every,
  why: "The container whose namespace it lives in stays on the source, and Docker can't make one that joins a container that is not there.",
  remedy:
    "Make the container with namespaces of its own, which is Docker's default; out of another's network it comes with `--no-preserve-networking`.",
  see({ container: { HostConfig: config }, engine: { engine } }) {
    const network = /^container:(.*)$/.exec(config.NetworkMode ?? "")?.[1];
    if (isBundleRuntime(engine) && network !== undefined) {
      return [
        {
          seen: `its network namespace, ${network}, is one that others have made`,
          remedy:
            "Start it with one of its own (without `path` in its config.json), or let it have one with `--no-preserve-networking`.",
        },
      ];
    }
    const modes = [
      ["--pid", config.PidMode],
      ["--ipc", config.IpcMode],
      ["--network", config.NetworkMode],
    ] as const;
    return modes.flatMap(([option, mode]) => (mode?.startsWith("container:") ? [`it was made with ${option}=${mode}`] : []));
  },
});

const userNamespace = sourceRule({
  name: "container.user-namespace",
  severity: "blocker",
  strategies: every,
  why: "User ids, also those of files, are not translated between machines yet.",
  remedy: "Make the container with `--userns=host` or on a Docker without `userns-remap`.",
  see({ live, engine, container }) {
    const own = live?.processes[0]?.namespaces.get("user");
    const host = live?.hostUserNamespace ?? "";
    const seen = "it has a user namespace of its own";
    const isRemapped = engine.securityOptions.has("userns") && container.HostConfig.UsernsMode !== "host";
    return isRemapped || (own !== undefined && host !== "" && own !== host)
      ? [
          isBundleRuntime(engine.engine)
            ? { seen, remedy: "Start it without a user namespace (linux.namespaces in its config.json)." }
            : seen,
        ]
      : [];
  },
});

const runtime = sourceRule({
  name: "container.runtime",
  severity: "blocker",
  why: "Only runc and crun tell CRIU what belongs to a container.",
  remedy: "Make the container with Docker's default runtime.",
  see({ container, engine }) {
    const name = container.HostConfig.Runtime || engine.defaultRuntime;
    const program = engine.runtimes.get(name) || name;
    // A container that was moved here has the resume runtime, which is runc or crun for all but its first start.
    const usual = ["io.containerd.runc.v2", ...Object.values(runtimeNames), ...Object.values(runtimePaths)];
    return /(^|\/)(runc|crun)$/.test(program) || usual.includes(name) ? [] : [`its runtime is ${name}`];
  },
});

const securityOptions = sourceRule({
  name: "container.security-options",
  severity: "warning",
  strategies: every,
  why: "Profiles name what a program may do by system calls and paths. An emulator makes system calls of its own, and a profile that the target does not have cannot be used there.",
  remedy: "If the start on the target fails, try Docker's default profiles.",
  see({ container }) {
    const options: readonly string[] = container.HostConfig.SecurityOpt ?? [];
    const profiles = options.filter(
      (option) => /^(seccomp|apparmor|label)[=:]/.test(option) && !/[=:](unconfined|disable)$/.test(option),
    );
    return profiles.map((option) => `it has a profile of its own (${option.split(/[=:]/)[0]})`);
  },
});

export const isolationRules: readonly Rule[] = [privileged];

/** Those about how the container is confined. */
export const confinementRules: readonly Rule[] = [namespaces, joined, userNamespace, runtime, securityOptions];
