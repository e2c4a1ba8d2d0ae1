import type { Socket } from "node:net";
import type { Launch } from "./child.ts";
import { CommandHost } from "./command-host.ts";
import { connected } from "./connected.ts";
import type { Host } from "./host.ts";

const localName = "local";

/** Whether a machine, by the name of its `Host`, is the one this program runs on. */
export function isLocal(name: string): boolean {
  return name === localName;
}

/** The machine this program runs on. */
class LocalHost extends CommandHost {
  constructor() {
    super(localName);
  }

  protected override launch(command: readonly string[], environment: Readonly<Record<string, string>>): Launch {
    return { argv: command, environment };
  }

  protected override async failureOf(): Promise<undefined> {}

  override async unixSocket(path: string): Promise<string> {
    return path;
  }

  override async connectTcp(address: string, port: number): Promise<Socket> {
    return await connected({ host: address, port });
  }

  override async reconnect(): Promise<void> {}

  override async close(): Promise<void> {}
}

/** The machine this program runs on. */
export function openLocalHost(): Host {
  return new LocalHost();
}
