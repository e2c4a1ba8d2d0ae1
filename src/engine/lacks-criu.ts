import type { Host } from "../host/host.ts";

/**
 * Whether an OCI runtime is a crun that was built without CRIU, as Debian's is: it can't dump. crun tells its features with its version:
 * `+SYSTEMD +SELINUX … +CRIU`.
 * @param program name or path
 */
export async function lacksCriu(host: Host, program: string): Promise<boolean> {
  const { stdout } = await host.run(["sh", "-c", 'exec "$1" --version', "sh", program]);
  return stdout.startsWith("crun ") && !stdout.includes("+CRIU");
}
