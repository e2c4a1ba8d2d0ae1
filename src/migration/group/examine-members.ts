import { examineLive } from "../../compatibility/examine.ts";
import { asGroup } from "../../compatibility/group.ts";
import type { Report } from "../../compatibility/report.ts";
import type { Expected } from "../../compatibility/rule.ts";
import { readSubject, readSubjectAgain, type Subject } from "../../compatibility/subject.ts";
import { readTargetFacts, type TargetFacts, withPaths } from "../../compatibility/target-facts.ts";
import type { DockerEngine } from "../../engine/docker/engine.ts";
import type { Host } from "../../host/host.ts";
import type { ComingOptions } from "../as-it-comes.ts";
import { readEmulatorDescription } from "../emulator-file.ts";
import type { MigrateOptions } from "../migrate-options.ts";
import type { Side } from "../move.ts";
import { asTheyCome } from "./group-options.ts";

/** A container of a group, judged. */
export interface ExaminedMember {
  /** As it shall be on the target. */
  readonly subject: Subject;
  /** Undefined without a target. */
  readonly targetFacts: TargetFacts | undefined;
  readonly report: Report;
}

/** A target; without an engine nothing can be moved there, which is a finding. */
export interface ExaminedTarget {
  readonly host: Host;
  readonly engine: DockerEngine | undefined;
}

export type ExamineMembersOptions = ComingOptions &
  Pick<MigrateOptions, "name" | "emulator" | "configuration"> & {
    readonly expected: Expected;
    readonly signal: AbortSignal | undefined;
  };

/**
 * Reads and judges the containers of a group, as a rule of one. Changes nothing.
 * @param names names or ids
 * @param target undefined: only the source is looked at
 * @throws MigrationError as `readSubject`, `readTargetFacts`, `asTheyCome`
 */
export async function examineMembers(
  source: Side,
  names: readonly string[],
  target: ExaminedTarget | undefined,
  options: ExamineMembersOptions,
): Promise<ExaminedMember[]> {
  const { signal, name, expected, configuration } = options;
  const emulator = await readEmulatorDescription(options.emulator);
  const [found, facts] = await Promise.all([
    Promise.all(names.map((each) => readSubject(source.engine, each, { signal, criuBinary: configuration?.criuBinary }))),
    target && readTargetFacts(target.host, target.engine, { signal, emulator }),
  ]);
  const arrange = (subjects: readonly Subject[]) => asGroup(asTheyCome(subjects, options), facts);
  const members = arrange(found).map(async (subject, index) => {
    const targetFacts = facts && target && (await withPaths(facts, target.host, subject, signal));
    const lookAgain = async () => {
      const again = await readSubjectAgain(source.engine, found[index]!, { signal });
      return arrange(found.with(index, again))[index]!;
    };
    const report = await examineLive(subject, targetFacts, { name, expected }, lookAgain);
    return { subject, targetFacts, report };
  });
  return await Promise.all(members);
}
