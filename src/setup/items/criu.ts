import type { BundleArchitecture } from "../../criu/bundle/bundle.ts";
import { installCriuBundle } from "../../criu/bundle/install-bundle.ts";
import { openLocalHost } from "../../host/local.ts";
import type { Item } from "../item.ts";
import { sendBundle } from "../send-bundle.ts";

const bundleArchitectures: Readonly<Record<string, BundleArchitecture>> = { x86_64: "amd64", aarch64: "arm64" };

/** CRIU restores dumps there, and dumps containers that shall move on. */
export const criu: Item = {
  name: "criu",
  title: "CRIU",
  examine({ target: { criu: found, hostFacts, host }, places }) {
    if (found !== undefined) return { state: "good", found: `CRIU ${found.version}, ${found.program}` };
    const missing = "no CRIU 4.2 or later that works";
    if (bundleArchitectures[hostFacts.architecture] === undefined) {
      return { state: "blocked", found: missing, remedy: "Install CRIU 4.2 or later there." };
    }
    const change =
      host === "local"
        ? "install CRIU in a folder of its own, from Debian's signed packages"
        : `put CRIU with its libraries, from Debian's signed packages, into ${places.criu}`;
    return { state: "mendable", found: missing, changes: [change] };
  },
  async mend({ host, facts, signal, onProgress }) {
    const architecture = bundleArchitectures[facts.target.hostFacts.architecture];
    const bundle = await installCriuBundle({ architecture, signal, onProgress });
    if (host.name === "local") return;
    onProgress(`sending CRIU ${bundle.version}`);
    await using local = openLocalHost();
    await sendBundle(host, local, { bundle: bundle.directory, destination: facts.places.criu, signal });
  },
};
