import assert from "node:assert/strict";
import test from "node:test";
import type { NetworkRecord } from "../engine/docker/networks.ts";
import { asGroup } from "./group.ts";
import type { Subject } from "./subject.ts";
import { mountsWith, subjectWith, targetWith } from "./testing/situations.ts";

const network = {
  ...{ Name: "shop_default", Driver: "bridge", Scope: "local" },
  IPAM: { Driver: "default", Config: [{ Subnet: "172.20.0.0/16" }] },
} as NetworkRecord;

/** A container of the network, at an address that Docker chose. */
function member(name: string, address: string, mounts: Subject["mounts"] = []): Subject {
  const { container } = subjectWith();
  const networks = { shop_default: { IPAddress: address, GlobalIPv6Address: "", IPAMConfig: null } };
  const settings = { ...container.NetworkSettings, Networks: networks };
  const record = { ...container, Id: name, Name: `/${name}`, NetworkSettings: settings } as unknown as Subject["container"];
  return subjectWith({ container: record, networks: [network], mounts });
}

const chosenBy = ({ container }: Subject) => container.NetworkSettings.Networks.shop_default?.IPAMConfig;

test("a group: each keeps its address in a network that is made there, and knows those of the others", () => {
  const [web, redis] = asGroup([member("web", "172.20.0.2"), member("redis", "172.20.0.3")], targetWith()) as [Subject, Subject];
  assert.deepEqual([chosenBy(web), chosenBy(redis)], [{ IPv4Address: "172.20.0.2" }, { IPv4Address: "172.20.0.3" }]);
  assert.deepEqual([...web.group!.addresses, ...web.group!.fellowAddresses], ["172.20.0.2", "172.20.0.3"]);
  assert.deepEqual([...redis.group!.addresses, ...redis.group!.fellowAddresses], ["172.20.0.3", "172.20.0.2"]);
});

test("a group: where the network has other addresses there, none is kept", () => {
  const target = targetWith({ networks: new Map([["shop_default", ["10.1.0.0/16"]]]) });
  const [web] = asGroup([member("web", "172.20.0.2"), member("redis", "172.20.0.3")], target);
  assert.deepEqual([chosenBy(web!), web!.group!.addresses.size, web!.group!.fellowAddresses.size], [null, 0, 0]);
});

test("a group: without a target the addresses are taken for kept", () => {
  const [web] = asGroup([member("web", "172.20.0.2"), member("redis", "172.20.0.3")], undefined);
  assert.deepEqual([...web!.group!.fellowAddresses], ["172.20.0.3"]);
});

test("a group: what they share is no obstacle among them, and is copied with the first", () => {
  const shared = (...names: string[]) => mountsWith({ sharedWith: names }).mounts;
  const [web, redis] = asGroup(
    [member("web", "172.20.0.2", shared("redis", "other")), member("redis", "172.20.0.3", shared("web", "other"))],
    targetWith(),
  );
  assert.deepEqual(
    web!.mounts?.map(({ sharedWith }) => sharedWith),
    [["other"]],
  );
  assert.deepEqual(redis!.mounts, []);
});

test("a group: a container alone stays as it is", () => {
  const alone = member("web", "172.20.0.2");
  assert.deepEqual(asGroup([alone], targetWith()), [alone]);
});
