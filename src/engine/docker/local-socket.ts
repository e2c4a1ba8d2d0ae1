import { MigrationError, messageOf } from "../../errors.ts";
import { currentEndpoint, NoSuchContext } from "../../host/docker-contexts.ts";

/** Where Docker listens unless told otherwise. */
export const usualSocket = "/var/run/docker.sock";

/**
 * The socket of this machine's Docker, as DOCKER_HOST or Docker's current context names it.
 * @throws MigrationError `engine-unavailable` when that is no unix socket
 */
export async function localSocket(): Promise<string> {
  const endpoint = await currentEndpoint().catch((error: unknown) => {
    if (!(error instanceof NoSuchContext)) throw error;
    throw new MigrationError("engine-unavailable", messageOf(error), {
      host: "local",
      remedy: "List the contexts with `docker context ls`; unset DOCKER_CONTEXT or choose one with `docker context use`.",
      cause: error,
    });
  });
  if (endpoint === undefined) return usualSocket;
  const { address, origin } = endpoint;
  if (address.startsWith("unix://")) return address.slice("unix://".length) || usualSocket;
  throw new MigrationError(
    "engine-unavailable",
    `${origin} is \`${address}\`, but a migration needs the machine itself, not only its Docker`,
    {
      host: "local",
      remedy: "Let DOCKER_HOST or the context name a unix socket of this machine, and name the other machine with ssh://.",
    },
  );
}
