/**
 * How a container gets to another machine.
 * - `resume`: its processes are dumped, the dump is compiled to an x86_64 program, which goes on natively or under an emulator;
 * - `restore`: CRIU on the target restores the dump; both machines have one instruction set;
 * - `replatform`: it is started anew there, with its files and its configuration and without its memory.
 */
export type Strategy = (typeof strategies)[number];

export const strategies = ["resume", "restore", "replatform"] as const;

/** Those with which the processes go on where they were. The first one that can be had is the one that is taken. */
export const memoryKeeping = ["resume", "restore"] as const;

export type MemoryKeeping = (typeof memoryKeeping)[number];

/** Whether a strategy can be tried: it has no blocker. */
export type Verdict = "ready" | "blocked";

export type Verdicts = Readonly<Record<Strategy, Verdict>>;

/** What is taken when the user names none. Never one that loses the memory: that is for the user to say. */
export function automaticStrategy(verdicts: Verdicts): MemoryKeeping | undefined {
  return memoryKeeping.find((strategy) => verdicts[strategy] === "ready");
}
