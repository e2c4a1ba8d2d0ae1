import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "./compare.ts";
import type { ContainerState } from "./record.ts";

function state(inspect: object): ContainerState {
  return { inspect, networks: {}, volumes: {}, files: {}, texts: {} };
}

const differing = (before: ContainerState, after: ContainerState) => compare(before, after, "resume");

const chosen = (address: string | undefined) => ({
  HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "8080" }] } },
  NetworkSettings: {
    Ports: { "80/tcp": [{ HostPort: "8080" }] },
    Networks: { front: { IPAMConfig: address && { IPv4Address: address }, IPAddress: "10.0.0.5" } },
  },
});

test("compare: a field that is another one, is gone or was added is told, and those that differ by nature are not", () => {
  const before = state({ Id: "a", Name: "/x", Config: { Env: ["A=1"], Labels: {} }, State: { Health: { Log: [{ Start: 1 }] } } });
  const after = state({ Id: "b", Config: { Env: ["A=2"], Labels: { added: "" } }, State: { Health: { Log: [] } } });
  assert.deepEqual(differing(before, after), [
    '["inspect","Name"]: "/x" became nothing',
    '["inspect","Config","Env","0"]: "A=1" became "A=2"',
    '["inspect","Config","Labels","added"]: nothing became ""',
  ]);
});

test("compare: the move's own label is expected where there was none", () => {
  const [without, with_] = [{}, { "migrate-container.move": "1" }].map((more) =>
    state({ Config: { Labels: { kept: "yes", ...more } } }),
  );
  assert.deepEqual(differing(without!, with_!), []);
  assert.equal(differing(with_!, without!).length, 1);
});

test("compare: ports and addresses may be others only where the user chose none", () => {
  const elsewhere = (address: string | undefined) => {
    const { HostConfig, NetworkSettings } = chosen(address);
    const { front } = NetworkSettings.Networks;
    return state({
      HostConfig,
      NetworkSettings: { ...NetworkSettings, Networks: { front: { ...front, IPAddress: "10.0.0.6" } } },
    });
  };
  assert.deepEqual(differing(state(chosen(undefined)), elsewhere(undefined)), []);
  assert.equal(differing(state(chosen("10.0.0.5")), elsewhere("10.0.0.5")).length, 1);
  const moved = structuredClone(chosen("10.0.0.5"));
  moved.NetworkSettings.Ports["80/tcp"][0]!.HostPort = "8081";
  assert.equal(differing(state(chosen("10.0.0.5")), state(moved)).length, 1);
});

test("compare: only `replatform` may lose what is in memory file systems, and nothing else", () => {
  const holds = (...files: string[]) =>
    ({
      ...state({ HostConfig: { Tmpfs: { "/memory": "" } } }),
      files: Object.fromEntries(
        ["/memory", "/data"].map((folder) => [folder, files.includes(folder) ? { file: { type: "f" } } : { x: {} }]),
      ),
    }) as unknown as ContainerState;
  assert.deepEqual(compare(holds("/memory", "/data"), holds("/data"), "replatform"), []);
  assert.equal(compare(holds("/memory", "/data"), holds("/data"), "restore").length, 1);
  assert.equal(compare(holds("/memory", "/data"), holds("/memory"), "replatform").length, 1);
});
