import { oldestCriu } from "./bundle.ts";

/**
 * CRIU's version in what `criu --version` prints (`Version: 4.2.1`) or in a Debian package's version (`4.2.1-1`).
 * @returns undefined when there is none
 */
export function parseCriuVersion(text: string): string | undefined {
  return /(?:^|Version: )(\d+\.\d+(?:\.\d+)?)/m.exec(text)?.[1];
}

/** Whether this version can dump on today's kernels. */
export function isRecentEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > oldestCriu.major || (major === oldestCriu.major && minor >= oldestCriu.minor);
}
