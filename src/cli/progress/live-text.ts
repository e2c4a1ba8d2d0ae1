import type { Symbols } from "../format/symbols.ts";
import type { RunningStep } from "./running-step.ts";

const widestBar = 24;
const narrowestBar = 6;
const gap = "  ";

/**
 * The live line: title, bar and figures in at most `room` columns. When that is too little, the bar goes first, then the
 * title's end, as the figures are what changes.
 */
export function liveText({ title, meter }: RunningStep, state: string, room: number, symbols: Symbols): string {
  const barRoom = room - title.length - state.length - 2 * gap.length;
  if (meter.share !== undefined && barRoom >= narrowestBar) {
    return title + gap + barText(meter.share, Math.min(widestBar, barRoom), symbols) + gap + state;
  }
  const titleRoom = room - state.length - gap.length;
  return (shortened(title, titleRoom, symbols) + gap + state).slice(0, room);
}

/** @param share from 0 to 1 */
function barText(share: number, width: number, { barFull, barEmpty }: Symbols): string {
  const full = Math.floor(share * width);
  return barFull.repeat(full) + barEmpty.repeat(width - full);
}

function shortened(text: string, room: number, { ellipsis }: Symbols): string {
  return text.length <= room ? text : text.slice(0, Math.max(0, room - ellipsis.length)) + ellipsis;
}
