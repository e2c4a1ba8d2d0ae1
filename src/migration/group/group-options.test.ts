import assert from "node:assert/strict";
import test from "node:test";
import type { Subject } from "../../compatibility/subject.ts";
import { subjectWith } from "../../compatibility/testing/situations.ts";
import { asTheyCome, refuseOptionsOfOne } from "./group-options.ts";

function member(network: string, path: string): Subject {
  const { container } = subjectWith();
  const record = {
    ...container,
    HostConfig: { ...container.HostConfig, NetworkMode: network },
    NetworkSettings: { ...container.NetworkSettings, Networks: { [network]: {} } },
  } as unknown as Subject["container"];
  const mount = { type: "bind", name: undefined, source: path, destination: "/data", there: path, isThere: false } as const;
  return subjectWith({
    container: record,
    mounts: [{ ...mount, kind: "d", labels: {}, hasOptions: false, sharedWith: [], bytes: 0 }],
  });
}

const members = [member("front", "/srv/a"), member("back", "/srv/b")];

test("options of a group: networks and bind mounts go to those that have them", () => {
  const [one, other] = asTheyCome(members, { networks: { back: "new" }, binds: { "/srv/a": "/data/a" }, bindsThere: ["/srv/b"] });
  assert.deepEqual([one!.container.HostConfig.NetworkMode, other!.container.HostConfig.NetworkMode], ["front", "new"]);
  assert.deepEqual(
    [one, other].map((subject) => subject!.mounts?.map(({ there, isThere }) => [there, isThere])),
    [[["/data/a", false]], [["/srv/b", true]]],
  );
});

test("options of a group: what none of them has is wrong usage", () => {
  assert.throws(() => asTheyCome(members, { networks: { nowhere: "new" } }), { code: "usage", message: /nowhere/ });
  assert.throws(() => asTheyCome(members, { binds: { "/srv/c": "/c" } }), { code: "usage", message: /\/srv\/c/ });
  assert.throws(() => asTheyCome(members, { bindsThere: ["/srv/c"] }), { code: "usage", message: /\/srv\/c/ });
});

test("options of a group: those that are of one container are refused by name", () => {
  assert.doesNotThrow(() => refuseOptionsOfOne({}));
  assert.throws(() => refuseOptionsOfOne({ name: "web2", healthCommand: ["true"] }), {
    code: "usage",
    message: "--name, --health-cmd can't be given with several containers",
  });
});
