/** What a running move tells of itself. */
export interface LiveStatus {
  readonly id: string;
  /** The process that carries it out. */
  readonly processId: number;
  /** As events name it. */
  readonly step: string | undefined;
  /** What is done, for people. */
  readonly title: string | undefined;
  /** Of the step, where it counts them. */
  readonly bytes: number | undefined;
  readonly totalBytes: number | undefined;
  /** Milliseconds since the begin. */
  readonly elapsedMs: number;
  /** Whether another terminal has cancelled it. */
  readonly cancelled: boolean;
  /** Whether it is being undone. */
  readonly rollingBack: boolean;
}
