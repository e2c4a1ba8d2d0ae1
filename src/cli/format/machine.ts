/** Where something is, as people read it. */
export function placeOf(host: string): string {
  return host === "local" ? "here" : `on ${host}`;
}

/** A machine as people read it in a sentence. */
export function machineName(host: string): string {
  return host === "local" ? "this machine" : host;
}
