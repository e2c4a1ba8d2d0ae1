import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { type KernelConfig, parseKernelConfig } from "./config.ts";
import { kernelOptions } from "./options.ts";

/**
 * Prints the name of the running kernel's configuration, then the lines of it that matter; nothing where it can't be read. Parameter:
 * the pattern of those lines. Android has /proc/config.gz and toybox's zcat.
 */
const configScript = `
set +e
exec 2>/dev/null
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
for file in /proc/config.gz "/boot/config-$(uname -r)" "/lib/modules/$(uname -r)/config" "/usr/src/linux-headers-$(uname -r)/.config"; do
  [ -r "$file" ] || continue
  case $file in *.gz) lines=$(gzip -dc <"$file" || zcat "$file") ;; *) lines=$(cat "$file") ;; esac
  [ -n "$lines" ] || continue
  echo "$file"
  echo "$lines" | grep -E "$1"
  break
done
exit 0
`;

const wanted = `^CONFIG_(${kernelOptions.flatMap(({ name, instead = [] }) => [name, ...instead]).join("|")})=`;

/**
 * What the running kernel of a machine was built with.
 * @returns undefined when it can't be read there: many kernels have no /proc/config.gz (CONFIG_IKCONFIG_PROC)
 * @throws MigrationError as `Host.script`
 */
export async function readKernelConfig(host: Host, signal?: AbortSignal): Promise<KernelConfig | undefined> {
  const text = await host.script(configScript, [wanted], { signal });
  const [source = ""] = text.split("\n", 1);
  return source === "" ? undefined : parseKernelConfig(text.slice(source.length), source);
}

/** Of a file on this machine, also compressed with gzip. @throws MigrationError `usage` */
export async function readKernelConfigFile(file: string): Promise<KernelConfig> {
  try {
    const content = await readFile(file);
    const text = (content[0] === 0x1f && content[1] === 0x8b ? gunzipSync(content) : content).toString();
    const config = parseKernelConfig(text, file);
    if (config.values.size > 0) return config;
  } catch (cause) {
    throw new MigrationError("usage", `${file} can't be read`, {
      remedy: "Name the kernel's .config, or its /proc/config.gz.",
      cause,
    });
  }
  throw new MigrationError("usage", `${file} is not the configuration of a kernel: it has no line CONFIG_…=…`, {
    remedy: "Name the kernel's .config, or its /proc/config.gz.",
  });
}
