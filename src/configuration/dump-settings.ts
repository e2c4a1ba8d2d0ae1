import type { DumpSettings } from "../engine/docker/dump-settings.ts";
import type { Configuration } from "./configuration.ts";

/** What the configuration says about how a dump is made. */
export function dumpSettingsOf({ defaultOptions, logLevel }: Configuration): DumpSettings {
  const { leaveRunning: _ofCheckpoints, ...settings } = defaultOptions;
  return { ...settings, logLevel };
}
