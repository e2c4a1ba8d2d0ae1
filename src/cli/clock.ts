/** Time, so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since any fixed instant; never goes back. */
  now(): number;
  /** Calls `action` every `milliseconds` until the returned function is called. Does not keep the program running. */
  every(milliseconds: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  every(milliseconds, action) {
    const timer = setInterval(action, milliseconds);
    timer.unref();
    return () => clearInterval(timer);
  },
};
