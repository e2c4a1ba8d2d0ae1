import type { Host } from "../../host/host.ts";
import { openHost } from "../../host/open.ts";
import { startSshd } from "../../host/testing/sshd.ts";
import { openTcpLink, type TcpLink } from "../../host/testing/tcp-link.ts";

export interface CuttableHost extends AsyncDisposable {
  readonly host: Host;
  readonly link: TcpLink;
}

/** This machine, reached over a real sshd by a link that can be cut. Its name is `ssh://cut`. */
export async function openCuttableSsh(): Promise<CuttableHost> {
  const sshd = await startSshd();
  const link = await openTcpLink({ address: "127.0.0.1", port: sshd.port });
  const configFile = await sshd.configure([
    "Host cut",
    "  HostName 127.0.0.1",
    `  Port ${link.port}`,
    `  HostKeyAlias [127.0.0.1]:${sshd.port}`,
  ]);
  const host = await openHost("ssh://cut", { configFile });
  return {
    ...{ host, link },
    async [Symbol.asyncDispose]() {
      await host.close();
      await link[Symbol.asyncDispose]();
      await sshd[Symbol.asyncDispose]();
    },
  };
}
