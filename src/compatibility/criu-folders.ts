import { targetPaths } from "../engine/resume-runtime/wrapper.ts";

/** Where `setup` puts CRIU on Android. */
export const androidCriu = "/data/local/tmp/criu";

/** Where bundles of CRIU may lie on another machine, beside the user's own place. */
export const criuFolders: readonly string[] = [targetPaths.criu, androidCriu];
