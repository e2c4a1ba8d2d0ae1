import type { MachineState } from "./machine-state.ts";
import type { SshAccess } from "./ssh-config.ts";

/** What a recipe made: where it lies, and the key of the recipe. */
export interface Product {
  readonly path: string;
  readonly key: string;
}

/** How one of the lab's machines is made, started and cleared away. */
export interface Lab {
  /** The alias for OpenSSH and the name of its run folder. */
  readonly name: string;
  /** Makes what the machine needs, or finds it in the cache. */
  build(): Promise<Product>;
  /** Starts the machine, without waiting for it to answer. */
  start(product: Product): Promise<{ readonly state: MachineState; readonly access: SshAccess }>;
  /** Removes what the end of the machine's process leaves behind. */
  clean(): Promise<void>;
}
