import { examineLive } from "../compatibility/examine.ts";
import type { Report } from "../compatibility/report.ts";
import { readSubject } from "../compatibility/subject.ts";
import { readTargetFacts } from "../compatibility/target-facts.ts";
import { readEmulatorDescription } from "./emulator-file.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { containerName } from "./move.ts";
import { openSide } from "./sides.ts";

export type CheckOptions = Pick<MigrateOptions, "container" | "sshConfig" | "emulator" | "configuration" | "signal"> & {
  readonly target?: string;
};

/** What `migrate` would find, without a move. @throws MigrationError as `migrate` */
export async function check(options: CheckOptions): Promise<Report> {
  await using stack = new AsyncDisposableStack();
  const source = await openSide("local", stack, options);
  const target = options.target === undefined ? undefined : await openSide(options.target, stack, options);
  const signal = options.signal;
  const look = () => readSubject(source.engine, options.container, { signal, criuBinary: options.configuration?.criuBinary });
  const emulator = await readEmulatorDescription(options.emulator);
  const facts = target && readTargetFacts(target.host, target.engine, { signal, emulator });
  const [subject, targetFacts] = await Promise.all([look(), facts]);
  return examineLive(subject, targetFacts, { name: containerName({ container: subject.container }) }, look);
}
