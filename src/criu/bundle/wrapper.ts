import type { BundleArchitecture } from "./bundle.ts";

/** Where the packages put the loader and the libraries; with /usr merged, as Debian has had it since 12. */
export const layouts: { readonly [Architecture in BundleArchitecture]: { readonly loader: string; readonly libraries: string } } =
  {
    amd64: { loader: "usr/lib64/ld-linux-x86-64.so.2", libraries: "usr/lib/x86_64-linux-gnu" },
    arm64: { loader: "usr/lib/ld-linux-aarch64.so.1", libraries: "usr/lib/aarch64-linux-gnu" },
  };

/** Where the packages put the program. */
export const criuInPrefix = "usr/sbin/criu";

/**
 * The script `bin/criu`. The kernel gives a script its own path as $0, also when it was found through PATH, so the bundle
 * may lie anywhere and be moved. The loader is named explicitly because the one in the program is the system's, which may
 * be older than these libraries.
 */
export function wrapperScript(architecture: BundleArchitecture): string {
  const { loader, libraries } = layouts[architecture];
  return `#!/bin/sh
self=$(readlink -f -- "$0") || exit 127
prefix=\${self%/bin/*}/prefix
exec "$prefix/${loader}" --library-path "$prefix/${libraries}" --argv0 criu "$prefix/${criuInPrefix}" "$@"
`;
}
