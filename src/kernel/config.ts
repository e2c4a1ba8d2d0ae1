/** What a kernel was built with, as far as it matters here. */
export interface KernelConfig {
  /** The file it was read from: `/proc/config.gz`. */
  readonly source: string;
  /** Name without `CONFIG_` → `y`, `m` or another value. Options that are not set are not in it. */
  readonly values: ReadonlyMap<string, string>;
}

/** Reads the form of `.config` and /proc/config.gz: `CONFIG_NAME=value`, comments. */
export function parseKernelConfig(text: string, source: string): KernelConfig {
  const lines = text.matchAll(/^CONFIG_(\w+)=(.*)$/gm);
  return { source, values: new Map(Array.from(lines, ([, name, value]) => [name!, value!.trim()])) };
}

/** Whether an option is there, built in or as a module. */
export function isSet({ values }: KernelConfig, name: string): boolean {
  return values.get(name) === "y" || values.get(name) === "m";
}
