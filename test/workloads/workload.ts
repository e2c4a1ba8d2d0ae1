import type { ImageName } from "../../lab/images.ts";
import type { Published } from "../support/docker.ts";

/** A machine's container with the program, as its clients see it. */
export interface Place {
  /** Where its port is reached. */
  readonly published: Published;
  /** Runs the docker client of that machine. @returns standard output, trimmed */
  docker(...words: readonly string[]): Promise<string>;
  readonly container: string;
}

/** A program that is moved while it runs. */
export interface Workload {
  /** Begins the names of its tests. */
  readonly title: string;
  readonly image: ImageName;
  /** Default: what the image runs. */
  readonly command?: readonly string[];
  /** Options of `docker run`. */
  readonly options?: readonly string[];
  /** The port that it is published at. Default: 8080 */
  readonly port?: number;
  /**
   * Makes state in the program as its client, and learns what it holds.
   * @returns what asserts, where the program was moved to, that it holds the same and goes on
   */
  know(here: Place): Promise<(there: Place) => Promise<void>>;
}
