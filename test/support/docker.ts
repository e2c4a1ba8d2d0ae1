import { execa } from "execa";
import { dockerProgram } from "../../lab/docker.ts";

/** Runs the docker client against this machine's engine. @returns standard output, trimmed */
export async function docker(...command: readonly string[]): Promise<string> {
  const { stdout } = await execa(dockerProgram, command);
  return stdout.trim();
}

/** Removes a container of this machine, if it is there. */
export async function removeContainer(name: string): Promise<void> {
  await execa(dockerProgram, ["rm", "--force", "--volumes", name], { reject: false });
}

export interface Published {
  readonly address: string;
  readonly port: number;
}

/** Where a published port of a container of this machine is reached. */
export async function publishedPort(name: string, port: number): Promise<Published> {
  const [first = ""] = (await docker("port", name, String(port))).split("\n");
  return { address: "127.0.0.1", port: Number(/:(\d+)$/.exec(first)?.[1]) };
}
