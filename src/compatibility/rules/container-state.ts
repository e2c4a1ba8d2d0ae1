import { engineWords } from "../../engine/engine-name.ts";
import { every, type Rule, sourceRule } from "../rule.ts";

const running = sourceRule({
  name: "container.running",
  severity: "blocker",
  warns: ["replatform"],
  why: "The memory of a running container is moved; one that does not run has none, and one that someone paused was paused for a reason. `replatform` starts it on the target, whether it runs here or not.",
  remedy: "Start it with `docker start`, or let it go on with `docker unpause`.",
  see({ container: { State: state }, engine: { engine } }) {
    if (state.Restarting)
      return [
        {
          seen: `it is restarting again and again (exit status ${state.ExitCode})`,
          remedy: `Find out why it ends (\`${engine} logs\`).`,
        },
      ];
    if (state.Paused)
      return [{ seen: "it is paused", remedy: `Let it go on with \`${engine} ${engineWords(engine).unpause}\`.` }];
    return state.Running
      ? []
      : [{ seen: `it does not run (${state.Status})`, remedy: `Start it with \`${engine} ${engineWords(engine).start}\`.` }];
  },
});

const autoRemove = sourceRule({
  name: "container.auto-remove",
  severity: "warning",
  strategies: every,
  why: "Docker removes such a container as soon as it ends: on the source nothing of it stays after the move to go back to.",
  remedy: "If you want to keep it, make it without `--rm`.",
  see: ({ container }) => (container.HostConfig.AutoRemove === true ? ["it was made with --rm"] : []),
});

const healthCheck = sourceRule({
  name: "container.health-check",
  severity: "warning",
  why: "Docker runs a program in the container again and again to see how it is. If one runs at the moment of the freeze, there are more processes than can be carried; the container then simply goes on here.",
  remedy: "Try again if that happens.",
  see({ container }) {
    const { Healthcheck: check } = container.Config as { Healthcheck?: { Test?: string[] } | null };
    const [kind] = check?.Test ?? [];
    return kind === undefined || kind === "NONE" ? [] : ["it has a health check"];
  },
});

const terminal = sourceRule({
  name: "container.terminal",
  severity: "warning",
  strategies: every,
  why: "The program goes on at the terminal that the container has on the target. Who sits at it here does not sit at it there.",
  remedy: "Use `docker attach` on the target after the move.",
  see: ({ container }) => (container.Config.Tty ? ["it has a terminal (--tty)"] : []),
});

const standardInput = sourceRule({
  name: "container.standard-input",
  severity: "warning",
  strategies: every,
  why: "Who is attached to the container on the source is not attached to it on the target.",
  remedy: "Use `docker attach` on the target after the move.",
  see: ({ container }) =>
    container.Config.OpenStdin && !container.Config.Tty ? ["its standard input is open (--interactive)"] : [],
});

export const stateRules: readonly Rule[] = [running, terminal, standardInput, autoRemove, healthCheck];
