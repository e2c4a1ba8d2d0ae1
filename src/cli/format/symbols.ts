import type { Environment } from "../surroundings.ts";

export interface Symbols {
  readonly tick: string;
  readonly cross: string;
  readonly warning: string;
  readonly bullet: string;
  readonly back: string;
  readonly arrow: string;
  readonly ellipsis: string;
  readonly barFull: string;
  readonly barEmpty: string;
  readonly spinner: readonly string[];
}

const unicode: Symbols = {
  tick: "✔",
  cross: "✖",
  warning: "⚠",
  bullet: "•",
  back: "↩",
  arrow: "→",
  ellipsis: "…",
  barFull: "█",
  barEmpty: "░",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
};

const ascii: Symbols = {
  tick: "+",
  cross: "x",
  warning: "!",
  bullet: "*",
  back: "<",
  arrow: "->",
  ellipsis: "...",
  barFull: "#",
  barEmpty: "-",
  spinner: ["|", "/", "-", "\\"],
};

/** Signs that the locale can show. POSIX: the first of these variables that is not empty counts. */
export function symbolsFor(environment: Environment): Symbols {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "";
  return /utf-?8/i.test(locale) ? unicode : ascii;
}
