/** A machine as people read it in a sentence. */
export function machineName(host: string): string {
  return host === "local" ? "this machine" : host;
}
