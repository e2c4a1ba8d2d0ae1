import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { describeFiles, verifySums } from "../../checkpoint/manifest.ts";
import { formatBytes } from "../../text/bytes.ts";
import { codecs } from "../codec.ts";
import { sendFiles } from "../send-files.ts";
import { sumFiles } from "../sums.ts";
import type { CuttableHost } from "./link-over-ssh.ts";
import type { NoisyPackage } from "./noisy-package.ts";

/** Sends a package ten times, and cuts the link at another place each time: all must arrive, with at most 5 % sent twice. @param there an absolute path that is made */
export async function testTenBreaks(
  { host, link }: Pick<CuttableHost, "host" | "link">,
  { directory: source, files }: NoisyPackage,
  there: string,
  context: TestContext,
): Promise<void> {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const expected = { files: await describeFiles(source) };
  const names = files.map(({ name }) => name);
  await host.must(["rm", "-rf", there]);
  const whole = await sendFiles(source, files, { host, directory: there }, { codec: codecs.zstd, patienceMs: 0 });
  assert.ok(whole > size / 2 && whole < size * 0.51, String(whole));
  for (let place = size / 20; place < size; place += size / 10) {
    await host.must(["rm", "-r", there]);
    let isCut = false;
    let lost = 0;
    const sent = await sendFiles(
      source,
      files,
      { host, directory: there },
      {
        codec: codecs.zstd,
        patienceMs: 60_000,
        onBytes(done) {
          if (isCut || done < place) return;
          isCut = true;
          void link.cut().then(link.mend);
        },
        onLink: (state) => void (state === "lost" && lost++),
      },
    );
    assert.ok(lost >= 1, "the link was not lost");
    verifySums(expected, await sumFiles(host, there, names, undefined), host.name);
    assert.ok(sent <= whole * 1.05, `${sent} bytes sent, ${whole} without a break`);
    context.diagnostic(`cut after ${formatBytes(place)}: ${((sent / whole - 1) * 100).toFixed(2)} % more`);
  }
  await host.must(["rm", "-r", there]);
}
