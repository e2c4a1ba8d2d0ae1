import type { Launch } from "./child.ts";
import { CommandHost } from "./command-host.ts";
import type { Host } from "./host.ts";

/** The machine this program runs on. */
class LocalHost extends CommandHost {
  constructor() {
    super("local");
  }

  protected override launch(command: readonly string[], environment: Readonly<Record<string, string>>): Launch {
    return { argv: command, environment };
  }

  protected override async failureOf(): Promise<undefined> {}

  override async unixSocket(path: string): Promise<string> {
    return path;
  }

  override async reconnect(): Promise<void> {}

  override async close(): Promise<void> {}
}

/** The machine this program runs on. */
export function openLocalHost(): Host {
  return new LocalHost();
}
