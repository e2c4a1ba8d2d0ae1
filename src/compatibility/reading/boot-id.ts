import type { Host } from "../../host/host.ts";

/** What the kernel calls its present run: two machines with the same one share a kernel, and so its clocks. Empty when it can't be read. */
export async function bootIdOf(host: Host, signal?: AbortSignal): Promise<string> {
  return (await host.run(["cat", "/proc/sys/kernel/random/boot_id"], { signal })).stdout.trim();
}
