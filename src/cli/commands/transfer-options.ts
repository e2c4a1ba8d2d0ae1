import { type Command, InvalidArgumentError, Option } from "commander";
import { type CodecName, codecNames } from "../../transfer/codec.ts";
import type { TransferSettings } from "../../transfer/settings.ts";
import { parseSeconds } from "./shared-options.ts";

/** The options as commander reads them. */
export interface TransferCommandOptions {
  readonly compression: "auto" | CodecName;
  /** Bytes per second. */
  readonly bwlimit?: number;
  /** Seconds. */
  readonly reconnect: number;
}

export function addTransferOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--compression <codec>", "of what is sent; auto: what is measured to be the fastest")
        .choices(["auto", ...codecNames])
        .default("auto"),
    )
    .addOption(
      new Option("--bwlimit <rate>", "send at most so much per second: 500K, 10M (KiB without a unit)").argParser(parseRate),
    )
    .addOption(
      new Option("--reconnect <seconds>", "how long to wait for the machine when the link breaks while the package is sent")
        .argParser(parseSeconds)
        .default(60),
    );
}

export function transferSettingsOf({ compression, bwlimit, reconnect }: TransferCommandOptions): TransferSettings {
  return { compression, bytesPerSecond: bwlimit, reconnectMs: reconnect * 1000 };
}

const units = { "": 2 ** 10, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 } as const;

/** As rsync's option of that name has it. @returns bytes per second @throws InvalidArgumentError */
export function parseRate(text: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(|[kmg])(?:i?b)?(?:\/s)?$/i.exec(text) ?? [];
  const rate = Math.round(Number(number) * units[unit.toLowerCase() as keyof typeof units]);
  if (!(rate > 0 && Number.isSafeInteger(rate)))
    throw new InvalidArgumentError("It must be a rate above 0, such as 500K or 10M.");
  return rate;
}
