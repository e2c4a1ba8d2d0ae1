import type { Host } from "../../host/host.ts";
import type { BundleRuntime } from "../engine-name.ts";
import { bundleRuntimePath, targetPaths, wrapperScript } from "./wrapper.ts";

export interface BundleClaim {
  readonly name: BundleRuntime;
  /** Absolute path of the runtime. */
  readonly runtime: string;
  /** Whether it is to be called within clocks that it can't make itself. */
  readonly withinClocks: boolean;
  /** Names who needs it until `releaseBundles`: a move's id. */
  readonly claim: string;
  readonly signal?: AbortSignal | undefined;
}

const claimScript = `umask 077
mkdir -p "$1" "$1/claims" "$1/incoming" "$1/pending" "$1/resumed" "$1/bundles"; chmod 700 "$1"; : >"$1/claims/$2"
[ -n "$3" ] || exit 0
[ -e "$3" ] || : >"$3.provisional"
cat >"$3.new"; chmod 755 "$3.new"; mv "$3.new" "$3"`;

/** Makes the folders on a target that a move of a bundle needs there, and a program around the runtime if need be. @throws MigrationError as `Host.script` */
export async function claimBundles(host: Host, { name, runtime, withinClocks, claim, signal }: BundleClaim): Promise<void> {
  const [path, input] = withinClocks
    ? [bundleRuntimePath(name), wrapperScript(runtime, { ...targetPaths, makers: undefined })]
    : ["", ""];
  await host.script(claimScript, [targetPaths.root, claim, path], { input, signal });
}

// The runtimes of engines are theirs to take out.
const releaseScript = `cd "$1" 2>/dev/null || exit 0
path=$3
rm -f "claims/$2"
if [ "$4" = true ]; then rm -f "$path.provisional" criu/provisional; fi
if [ -z "$(ls claims 2>/dev/null)" ]; then
  [ ! -e criu/provisional ] || rm -rf criu
  [ ! -e "$path.provisional" ] || rm -f "$path" "$path.new" "$path.provisional"
fi
rmdir bundles claims incoming pending resumed clocks makers "$1" 2>/dev/null || true`;

/**
 * Gives a claim back. What a move has put there and nobody needs any more is taken out again.
 * @param keep whether a container was moved there, which may need it
 * @throws MigrationError as `Host.script`
 */
export async function releaseBundles(host: Host, name: BundleRuntime, claim: string, keep: boolean): Promise<void> {
  await host.script(releaseScript, [targetPaths.root, claim, bundleRuntimePath(name), String(keep)]);
}
