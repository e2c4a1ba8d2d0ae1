import { type Command, InvalidArgumentError, Option } from "commander";
import type { PortChoice } from "../../engine/docker/remapped.ts";
import type { MigrateRequest } from "../library.ts";

/** The options as commander reads them: what the user has written. */
export interface NetworkingCommandOptions {
  readonly network?: readonly string[];
  readonly publish?: readonly string[];
}

export function addNetworkingOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--network <old=new>",
        "put the container into the network NEW there instead of OLD (`bridge` for Docker's default one); repeatable",
      ).argParser(listOf(parseNetwork)),
    )
    .addOption(
      new Option(
        "--publish <[ip:]host:container[/protocol]>",
        "publish the container's port there at that port of the machine; repeatable",
      ).argParser(listOf(parsePublished)),
    );
}

/** What the library is asked for. */
export function networkingOf({ network, publish }: NetworkingCommandOptions): Pick<MigrateRequest, "networks" | "publish"> {
  return {
    ...(network === undefined ? {} : { networks: Object.fromEntries(network.map(parseNetwork)) }),
    ...(publish === undefined ? {} : { publish: publish.map(parsePublished) }),
  };
}

/** Collects an option's values as they were written, each of which is one that `parse` takes. */
function listOf(parse: (text: string) => unknown) {
  return (text: string, before: readonly string[] = []): readonly string[] => {
    parse(text);
    return [...before, text];
  };
}

/** @throws InvalidArgumentError */
function parseNetwork(text: string): [string, string] {
  const [, from, to] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined) throw new InvalidArgumentError("It must be OLD=NEW, two names of networks.");
  return [from, to];
}

/** @throws InvalidArgumentError */
function parsePublished(text: string): PortChoice {
  const pattern = /^(?:(?<v4>[\d.]+):|\[(?<v6>[\da-f:.]+)\]:)?(?<host>\d+):(?<port>\d+)(?:\/(?<protocol>tcp|udp|sctp))?$/i;
  const { v4, v6, host, port, protocol = "tcp" } = pattern.exec(text)?.groups ?? {};
  const isPort = (number: string | undefined) => Number(number) > 0 && Number(number) < 2 ** 16;
  if (!isPort(host) || !isPort(port)) {
    throw new InvalidArgumentError("It must be like 8080:80, 127.0.0.1:8080:80 or 53:5353/udp; ports are from 1 to 65535.");
  }
  return { port: `${Number(port)}/${protocol.toLowerCase()}`, hostPort: Number(host), address: v4 ?? v6 ?? "" };
}
