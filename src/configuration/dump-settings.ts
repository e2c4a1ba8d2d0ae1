import type { DumpSettings } from "../engine/docker/dump-settings.ts";
import type { Configuration } from "./configuration.ts";

/** What the configuration says about how a dump is made. */
export function dumpSettingsOf({ defaultOptions, logLevel }: Configuration): DumpSettings {
  const { tcpEstablished, shellJob, externalUnixSockets, fileLocks } = defaultOptions;
  return { tcpEstablished, shellJob, externalUnixSockets, fileLocks, logLevel };
}
