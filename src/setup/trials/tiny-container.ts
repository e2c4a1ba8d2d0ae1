import { Readable } from "node:stream";
import { pack } from "tar-stream";
import { type TinyArchitecture, tinyProgram } from "./tiny-program.ts";

const mount = (destination: string, type: string, options: readonly string[]) => ({
  ...{ destination, type, source: type, options },
});

/** A container as an engine makes it, with nothing in it but the program (opencontainers/runtime-spec, config.md). */
export function tinyConfiguration(id: string): object {
  const capabilities = ["CAP_KILL", "CAP_DAC_OVERRIDE"];
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: ["/program"],
      env: [],
      cwd: "/",
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    },
    root: { path: "rootfs" },
    hostname: "trial",
    mounts: [
      mount("/proc", "proc", ["nosuid", "noexec", "nodev"]),
      mount("/dev", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=64k"]),
    ],
    linux: {
      cgroupsPath: `/${id}`,
      namespaces: ["mount", "network", "uts", "pid", "ipc"].map((type) => ({ type })),
    },
  };
}

/** An OCI bundle with a tiny container in it, as a tar archive. @param id names its control group */
export function tinyBundle(architecture: TinyArchitecture, id: string): Readable {
  const archive = pack();
  archive.entry({ name: "config.json", mode: 0o600 }, JSON.stringify(tinyConfiguration(id)));
  for (const name of ["rootfs", "rootfs/proc", "rootfs/dev"]) archive.entry({ name, type: "directory", mode: 0o755 });
  archive.entry({ name: "rootfs/program", mode: 0o755 }, Buffer.from(tinyProgram(architecture)));
  archive.finalize();
  return Readable.from(archive);
}
