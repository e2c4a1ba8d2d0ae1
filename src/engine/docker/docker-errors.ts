import { MigrationError, messageOf } from "../../errors.ts";
import { type EngineName, engineWords } from "../engine-name.ts";

const noConnection: Readonly<Record<string, string>> = {
  ENOENT: "Install and start Docker on that machine (`systemctl start docker`), or name its socket in DOCKER_HOST.",
  ECONNREFUSED: "Start Docker on that machine (`systemctl start docker`).",
  EACCES: "Log in as root or as a member of the group `docker`.",
};
const noConnectionThere =
  "Check on that machine that Docker runs and that the user may open its socket (`docker info`) or use sudo without a password, and that its SSH server allows AllowStreamLocalForwarding.";

function field(error: unknown, key: string): unknown {
  return typeof error === "object" && error !== null ? (error as Record<string, unknown>)[key] : undefined;
}

/** The HTTP status that Docker answered, if it answered. */
export function statusOf(error: unknown): number | undefined {
  const status = field(error, "statusCode");
  return typeof status === "number" ? status : undefined;
}

/** What Docker itself said, without the client's decoration. */
function wordsOf(error: unknown): string {
  const words = field(field(error, "json"), "message");
  return typeof words === "string" ? words : messageOf(error).trim();
}

/**
 * Turns what the Docker client threw into the error for the user.
 * @param what what was tried, as a verb: `inspect container web`
 * @param title of the engine that was asked
 */
export function dockerError(host: string, what: string, error: unknown, title = "Docker"): MigrationError {
  if (error instanceof MigrationError) return error;
  if (field(error, "name") === "AbortError" || field(error, "code") === "ABORT_ERR") {
    return new MigrationError("cancelled", `cancelled: ${what}`, { host, cause: error });
  }
  const status = statusOf(error);
  if (status === undefined) {
    const code = String(field(error, "code") ?? "");
    return new MigrationError("engine-unavailable", `${title} cannot be reached (to ${what}): ${messageOf(error)}`, {
      host,
      remedy: noConnection[code] ?? noConnectionThere,
      cause: error,
    });
  }
  return new MigrationError("engine-request-failed", `${title} could not ${what}: ${wordsOf(error)}`, {
    host,
    details: { statusCode: status },
    cause: error,
  });
}

export function containerNotFound(host: string, nameOrId: string, engine: EngineName, cause?: unknown): MigrationError {
  return new MigrationError("container-not-found", `there is no container \`${nameOrId}\``, {
    host,
    remedy: `List the containers with \`${engine} ${engineWords(engine).list}\`.`,
    cause,
  });
}
