/**
 * The one error class of the project. Its shape is part of the `--json` output.
 */

/** What went wrong, as programs read it. Each code is explained in docs/errors.md. */
export type ErrorCode =
  | "usage"
  | "config-invalid"
  | "target-unreachable"
  | "command-failed"
  | "command-not-found"
  | "engine-unavailable"
  | "engine-request-failed"
  | "container-not-found"
  | "container-not-running"
  | "incompatible"
  | "target-conflict"
  | "criu-missing"
  | "dump-failed"
  | "image-corrupt"
  | "image-unsupported"
  | "cannot-carry"
  | "no-space"
  | "transfer-failed"
  | "package-corrupt"
  | "archive-refused"
  | "resume-failed"
  | "validation-failed"
  | "already-migrating"
  | "unfinished-move"
  | "no-such-move"
  | "hook-failed"
  | "image-not-available"
  | "journal-damaged"
  | "cancelled"
  | "rollback-failed"
  | "setup-failed"
  | "defect";

export interface MigrationErrorDetails {
  /** The machine on which it failed, as the user named it: `local`, `ssh://root@board:22`. */
  readonly host?: string;
  /** What the user can do about it, as one sentence. */
  readonly remedy?: string;
  /** More facts for the report (standard error of a command, the file, the rule). */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * An expected failure: names what failed, on which machine, why, and the remedy.
 * `message` says what and why; `host` and `remedy` are printed beside it.
 */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
  readonly code: ErrorCode;
  readonly host: string | undefined;
  readonly remedy: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, { host, remedy, details, cause }: MigrationErrorDetails = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.host = host;
    this.remedy = remedy;
    this.details = details ?? {};
  }

  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      message: this.message,
      host: this.host,
      remedy: this.remedy,
      details: this.details,
    };
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
