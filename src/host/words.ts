import { isLocal } from "./local.ts";

/** Where something is, as people read it. @param host its name */
export function placeOf(host: string): string {
  return isLocal(host) ? "here" : `on ${host}`;
}

/** A machine as people read it in a sentence. @param host its name */
export function machineName(host: string): string {
  return isLocal(host) ? "this machine" : host;
}
