import { styleText } from "node:util";
import type { Environment, OutputStream } from "../surroundings.ts";

type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** Whether a stream is a terminal that understands more than text. */
export function isCapableTerminal(stream: OutputStream, environment: Environment): boolean {
  return stream.isTTY === true && environment.TERM !== "dumb";
}

/** Colours for a terminal, unless `--no-color` or NO_COLOR (https://no-color.org: not empty) forbids them. */
export function styleFor(stream: OutputStream, environment: Environment, colorAllowed: boolean): Style {
  const noColor = (environment.NO_COLOR ?? "") !== "";
  const isColored = colorAllowed && !noColor && isCapableTerminal(stream, environment);
  const paint = (format: keyof Style): Paint => {
    return isColored ? (text) => styleText(format, text, { validateStream: false }) : (text) => text;
  };
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    red: paint("red"),
    green: paint("green"),
    yellow: paint("yellow"),
    cyan: paint("cyan"),
  };
}
