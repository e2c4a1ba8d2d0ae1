import { isAbsolute } from "node:path";
import * as z from "zod";

/** CRIU's own levels: 1 errors, 2 warnings too, 3 information, 4 debugging. 0: nothing. */
export type LogLevel = 0 | 1 | 2 | 3 | 4;

const levelNames = { error: 1, warning: 2, info: 3, debug: 4 } as const;

const yesOrNo = z.boolean({ error: "true or false" }).optional();
// Not relative to anything: the same file is read by runs that stand in different folders, often as root.
const absolutePath = z
  .string({ error: "an absolute path" })
  .refine((path) => isAbsolute(path) && !path.includes("\0"), { error: "an absolute path" })
  .optional();
const anObject = "an object";

/** The configuration file's form: every key, its type, and in words what is expected of it. */
export const configurationSchema = z.strictObject(
  {
    default_options: z
      .strictObject(
        {
          leave_running: yesOrNo,
          tcp_established: yesOrNo,
          shell_job: yesOrNo,
          ext_unix_sk: yesOrNo,
          file_locks: yesOrNo,
        },
        { error: anObject },
      )
      .optional(),
    checkpoint_dir: absolutePath,
    work_dir: absolutePath,
    criu_binary: absolutePath,
    log_level: z
      .union([z.literal([0, 1, 2, 3, 4]), z.literal(["error", "warning", "info", "debug"])], {
        error: "a number from 0 to 4, or one of error, warning, info, debug",
      })
      .transform((level): LogLevel => (typeof level === "string" ? levelNames[level] : level))
      .optional(),
  },
  { error: anObject },
);

/** What a configuration file says, as the object that JSON makes of it. */
export type ConfigurationFile = z.input<typeof configurationSchema>;

/** The keys that an object of the file may have. @param path where in the file: `[]` is its outermost object */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  const { shape } = configurationSchema;
  return Object.keys(path.length === 0 ? shape : shape.default_options.unwrap().shape);
}
