import { after, before, test } from "node:test";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import type { Host } from "../src/host/host.ts";
import { openHost } from "../src/host/open.ts";
import { openTcpLink, type TcpLink } from "../src/host/testing/tcp-link.ts";
import { makeNoisyPackage } from "../src/transfer/testing/noisy-package.ts";
import { testTenBreaks } from "../src/transfer/testing/ten-breaks.ts";
import { ownAdbServer } from "./support/adb-server.ts";

let server: AsyncDisposable;
let machine: LabMachine;
let link: TcpLink;
let host: Host;

before(async () => {
  server = await ownAdbServer();
  machine = await ensureX86Machine();
  link = await openTcpLink({ address: machine.address, port: machine.ports[5555]! });
  host = await openHost(`adb:127.0.0.1:${link.port}`);
});

after(async () => {
  await host.close();
  await link[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test("over a real adbd, a link that breaks at any of ten places costs at most 5 % more, and all arrives as it was", async (context) => {
  await using noisy = await makeNoisyPackage(300 << 20);
  await testTenBreaks({ host, link }, noisy, "/var/tmp/broken-adb", context);
});
