import type { BundleArchitecture } from "./bundle.ts";

/** Where the packages put the loader and the libraries; with /usr merged, as Debian has had it since 12. */
export const layouts: { readonly [Architecture in BundleArchitecture]: { readonly loader: string; readonly libraries: string } } =
  {
    amd64: { loader: "usr/lib64/ld-linux-x86-64.so.2", libraries: "usr/lib/x86_64-linux-gnu" },
    arm64: { loader: "usr/lib/ld-linux-aarch64.so.1", libraries: "usr/lib/aarch64-linux-gnu" },
  };

/** Where the packages put the program. */
export const criuInPrefix = "usr/sbin/criu";

/** Debian packages of the same name as their program that CRIU calls to save memory file systems, with options that only GNU's know. */
export const bundledTools = ["tar", "gzip"] as const;

/**
 * Debian's package with the library by which crun calls CRIU, and the files that crun needs of it. They ask for no newer libc than 2.34, so the
 * system's crun can load them.
 */
export const libraryPackage = "libcriu2";
export const runtimeLibraries = ["libcriu.so.2", "libprotobuf-c.so.1"] as const;

/** In the bundle, beside `bin`: links to `runtimeLibraries` alone, for LD_LIBRARY_PATH. */
export const runtimeLibrariesFolder = "lib";

/** In the bundle. */
export const toolsFolder = "tools";

/**
 * The script `bin/criu`. The kernel gives a script its own path as $0, also when it was found through PATH, so the bundle
 * may lie anywhere and be moved. The loader is named explicitly because the one in the program is the system's, which may
 * be older than these libraries. The bundle's tools come before the system's, which may be busybox's or toybox's.
 */
export function wrapperScript(architecture: BundleArchitecture): string {
  return `#!/bin/sh
self=$(readlink -f -- "$0") || exit 127
bundle=\${self%/bin/*}
PATH=$bundle/${toolsFolder}:$PATH
${startOf(architecture, "criu", criuInPrefix)}`;
}

/** The script of one of the bundle's tools. */
export function toolScript(architecture: BundleArchitecture, tool: (typeof bundledTools)[number]): string {
  return `#!/bin/sh
self=$(readlink -f -- "$0") || exit 127
bundle=\${self%/${toolsFolder}/*}
${startOf(architecture, tool, `usr/bin/${tool}`)}`;
}

function startOf(architecture: BundleArchitecture, name: string, program: string): string {
  const { loader, libraries } = layouts[architecture];
  return `exec "$bundle/prefix/${loader}" --library-path "$bundle/prefix/${libraries}" --argv0 ${name} "$bundle/prefix/${program}" "$@"
`;
}
