import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Docker is, and what says so. */
export interface DockerEndpoint {
  /** `unix:///var/run/docker.sock`, `ssh://root@board`. */
  readonly address: string;
  /** For messages: `DOCKER_HOST`, `Docker's context \`board\` (DOCKER_CONTEXT)`. */
  readonly origin: string;
}

/** That a context is not there, or can't be read. Who asked for it knows what error that is. */
export class NoSuchContext extends Error {}

/**
 * The Docker that `docker` without options would use, in its own order: DOCKER_HOST, DOCKER_CONTEXT, the context that `docker context use` chose
 * (docker/cli, cli/command/cli.go, resolveContextName).
 * @returns undefined when nothing says where it is
 * @throws NoSuchContext
 */
export async function currentEndpoint(environment: Environment = process.env): Promise<DockerEndpoint | undefined> {
  const { DOCKER_HOST: host, DOCKER_CONTEXT: context } = environment;
  if (host) return { address: host, origin: "DOCKER_HOST" };
  if (context) return await named(context, "DOCKER_CONTEXT", environment);
  const file = join(configFolder(environment), "config.json");
  const current = field(await readJson(file), "currentContext");
  return typeof current === "string" && current !== "" ? await named(current, file, environment) : undefined;
}

async function named(name: string, origin: string, environment: Environment): Promise<DockerEndpoint | undefined> {
  // The one that needs no file: Docker's usual socket.
  if (name === "default") return undefined;
  return { address: await contextAddress(name, environment), origin: `Docker's context \`${name}\` (${origin})` };
}

/**
 * The address of a context that was made with `docker context create`.
 * @throws NoSuchContext
 */
export async function contextAddress(name: string, environment: Environment = process.env): Promise<string> {
  const id = createHash("sha256").update(name).digest("hex");
  const file = join(configFolder(environment), "contexts", "meta", id, "meta.json");
  const address = field(field(field(await readJson(file), "Endpoints"), "docker"), "Host");
  if (typeof address !== "string" || address === "") throw new NoSuchContext(`there is no Docker context \`${name}\` (${file})`);
  return address;
}

function configFolder({ DOCKER_CONFIG: folder, HOME: home }: Environment): string {
  return folder || join(home || homedir(), ".docker");
}

/** @returns undefined when there is no such file */
async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new NoSuchContext(`${file} can't be read: ${messageOf(error)}`, { cause: error });
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
