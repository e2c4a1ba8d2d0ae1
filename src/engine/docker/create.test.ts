import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type Docker from "dockerode";
import type { ContainerRecord, DockerEngine } from "./engine.ts";
import { openSandbox, type Sandbox } from "./testing/sandbox.ts";

let sandbox: Sandbox;
let engine: DockerEngine;
before(async () => {
  sandbox = await openSandbox();
  engine = sandbox.engine;
});
after(() => sandbox?.[Symbol.asyncDispose]());

const rich: Docker.ContainerCreateOptions = {
  Hostname: "my-host",
  Domainname: "example.org",
  User: "1000:1000",
  Env: ["PATH=/bin", "EMPTY=", 'QUOTES=it\'s "x" $HOME', "LINES=a\nb"],
  Cmd: ["-c", "sleep 1000"],
  Entrypoint: ["/bin/sh"],
  WorkingDir: "/tmp",
  Labels: { "org.example.a": "b", empty: "" },
  ExposedPorts: { "8080/tcp": {}, "53/udp": {} },
  Healthcheck: { Test: ["CMD", "true"], Interval: 5e9, Timeout: 1e9, Retries: 2, StartPeriod: 1e9 },
  StopSignal: "SIGQUIT",
  StopTimeout: 17,
  Tty: true,
  OpenStdin: true,
  Volumes: { "/data": {} },
  HostConfig: {
    RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
    PortBindings: {
      "8080/tcp": [
        { HostIp: "127.0.0.1", HostPort: "18093" },
        { HostIp: "", HostPort: "" },
      ],
    },
    Binds: ["/etc/hostname:/etc/other-host:ro"],
    Tmpfs: { "/run": "rw,size=64k" },
    CapAdd: ["NET_ADMIN", "SYS_PTRACE"],
    CapDrop: ["MKNOD"],
    SecurityOpt: ["no-new-privileges"],
    Ulimits: [{ Name: "nofile", Soft: 1000, Hard: 2000 }],
    Memory: 64 * 2 ** 20,
    NanoCpus: 500_000_000,
    CpuShares: 512,
    PidsLimit: 50,
    Sysctls: { "net.ipv4.ip_unprivileged_port_start": "80" },
    ShmSize: 8 * 2 ** 20,
    LogConfig: { Type: "json-file", Config: { "max-size": "1m", "max-file": "2" } },
    Dns: ["192.0.2.53"],
    DnsSearch: ["example.org"],
    DnsOptions: ["ndots:2"],
    ExtraHosts: ["other:192.0.2.1"],
    GroupAdd: ["44"],
    ReadonlyRootfs: true,
    Init: true,
    OomScoreAdj: 100,
    IpcMode: "private",
  },
};

/** Everything of a record that should be the same in a copy: what the user can set. */
function settable(record: ContainerRecord, leftOut: readonly string[] = []): unknown {
  const hostConfig = Object.fromEntries(Object.entries(record.HostConfig).filter(([key]) => !leftOut.includes(key)));
  return {
    config: { ...record.Config, Image: undefined },
    hostConfig,
    // Docker keeps them in a map: their order is another one each time.
    mounts: record.Mounts.map(({ Type, Destination, Mode, RW }) => ({ Type, Destination, Mode, RW })).toSorted((a, b) =>
      a.Destination < b.Destination ? -1 : 1,
    ),
  };
}

async function create(options: Docker.ContainerCreateOptions): Promise<ContainerRecord> {
  const { id } = await engine.client.createContainer({ Image: sandbox.image, name: sandbox.name(), HostConfig: {}, ...options });
  return engine.inspect(id);
}

async function copyOf(
  source: ContainerRecord,
  more: Partial<Parameters<DockerEngine["createLike"]>[1]> = {},
): Promise<ContainerRecord> {
  return engine.inspect(
    await engine.createLike(source, { name: sandbox.name(), image: sandbox.imageId, runtime: "runc", ...more }),
  );
}

test("create: a copy of a container with every setting has the same record", async () => {
  const source = await create(rich);
  const copy = await copyOf(source);
  assert.notEqual(copy.Id, source.Id);
  assert.equal(copy.State.Status, "created");
  assert.equal(copy.Image, sandbox.imageId);
  assert.deepEqual(settable(copy), settable(source));
});

test("create: a copy of a plain container has the same record, host name and all", async () => {
  const source = await create({});
  const copy = await copyOf(source);
  assert.deepEqual(settable(copy), settable(source));
  assert.equal(copy.Config.Hostname, source.Id.slice(0, 12));
});

for (const [what, options] of Object.entries<Docker.ContainerCreateOptions>({
  "the host's network": { HostConfig: { NetworkMode: "host" } },
  "no network": { HostConfig: { NetworkMode: "none" } },
  privileges: { HostConfig: { Privileged: true } },
  "an open /proc": { HostConfig: { MaskedPaths: [], ReadonlyPaths: [] } },
  "no entry point": { Entrypoint: [], Cmd: ["sleep", "5"] },
  "a terminal": { Tty: true, AttachStdin: true, AttachStdout: true, AttachStderr: true, OpenStdin: true, StdinOnce: true },
})) {
  test(`create: a container with ${what}`, async () => {
    const source = await create(options);
    assert.deepEqual(settable(await copyOf(source)), settable(source));
  });
}

test("create: a container with the host's or another one's name, which is not its own", async () => {
  const other = await create({});
  for (const HostConfig of [{ UTSMode: "host" }, { NetworkMode: `container:${other.Id}` }]) {
    const source = await create({ HostConfig });
    const copy = await copyOf(source);
    assert.deepEqual(
      settable({ ...copy, Config: { ...copy.Config, Hostname: "" } }),
      settable({ ...source, Config: { ...source.Config, Hostname: "" } }),
    );
  }
});

test("create: an image's entry point does not come back when the container had none", async () => {
  const { id } = await engine.client.createContainer({ Image: sandbox.image, name: sandbox.name() });
  const name = sandbox.image.replace(":test", "-entry");
  await engine.client.getContainer(id).commit({ repo: name, tag: "test", changes: 'ENTRYPOINT ["/bin/echo"]' });
  sandbox.cleanImage(`${name}:test`);
  const source = await create({ Image: `${name}:test`, Entrypoint: [""], Cmd: ["sleep", "5"] });
  const copy = await copyOf(source, { image: `${name}:test` });
  assert.equal(copy.Config.Entrypoint, null);
  assert.deepEqual([copy.Path, copy.Args], ["sleep", ["5"]]);
});

test("create: what belongs to the machine is left out", async () => {
  const pinned = {
    CgroupParent: "/somewhere",
    CpusetCpus: "0",
    CpusetMems: "0",
    LogConfig: { Type: "syslog", Config: { "syslog-address": "udp://127.0.0.1:514" } },
  };
  const source = await create({ HostConfig: pinned });
  const copy = await copyOf(source);
  const plain = await create({});
  const left = Object.keys(pinned);
  assert.deepEqual(settable(copy, left), settable({ ...source, Mounts: [] }, left));
  for (const key of left) assert.deepEqual(Reflect.get(copy.HostConfig, key), Reflect.get(plain.HostConfig, key), key);
});

test("create: volumes of other containers become the copy's own", async (context) => {
  const volumes = await create({ Volumes: { "/shared": {} }, HostConfig: { Binds: ["/etc/hostname:/name:ro"] } });
  const volumeName = volumes.Mounts.find(({ Type }) => Type === "volume")?.Name ?? "";
  context.after(async () => {
    // A volume that is bound by its name, as the copy does, is no longer anonymous and stays when its containers go.
    for (const { Id } of await engine.client.listContainers({ all: true, filters: { volume: [volumeName] } }))
      await engine.remove(Id, true, true);
    await engine.client
      .getVolume(volumeName)
      .remove()
      .catch((error: { statusCode?: number }) => assert.equal(error.statusCode, 404));
  });
  const copy = await copyOf(await create({ HostConfig: { VolumesFrom: [volumes.Id] } }));
  const of = (record: ContainerRecord) =>
    record.Mounts.map(({ Source, Destination, RW }) => ({ Source, Destination, RW })).sort((a, b) =>
      a.Destination < b.Destination ? -1 : 1,
    );
  assert.deepEqual(of(copy), of(volumes));
  assert.equal(of(copy).length, 2);
});

test("create: the caller's own settings win", async () => {
  const source = await create(rich);
  const copy = await copyOf(source, {
    labels: { added: "yes" },
    config: { Entrypoint: ["/x"] },
    hostConfig: { RestartPolicy: { Name: "no" } },
  });
  assert.deepEqual(copy.Config.Labels, { ...source.Config.Labels, added: "yes" });
  assert.deepEqual(copy.Config.Entrypoint, ["/x"]);
  assert.equal(copy.HostConfig.RestartPolicy?.Name, "no");
  assert.deepEqual(copy.HostConfig.CapAdd, source.HostConfig.CapAdd);
});

test("create: networks that the user made", async (context) => {
  const names = ["a", "b"].map((name) => sandbox.image.replace(":test", `-${name}`));
  for (const [index, name] of names.entries()) {
    const network = await engine.client.createNetwork({ Name: name, IPAM: { Config: [{ Subnet: `10.217.${index}.0/24` }] } });
    context.after(async () => {
      for (const { Id } of await engine.client.listContainers({ all: true, filters: { network: [name] } }))
        await engine.remove(Id, true);
      await network.remove();
    });
  }
  const [a = "", b = ""] = names;
  const source = await create({
    MacAddress: "02:42:0a:d9:00:63",
    HostConfig: { NetworkMode: a },
    NetworkingConfig: { EndpointsConfig: { [a]: { Aliases: ["database"], IPAMConfig: { IPv4Address: "10.217.0.99" } } } },
  });
  await engine.client.getNetwork(b).connect({ Container: source.Id, EndpointConfig: { Aliases: ["second"] } });
  await engine.client.getNetwork("bridge").connect({ Container: source.Id });
  const copy = await copyOf(await engine.inspect(source.Id));
  const of = (record: ContainerRecord, name: string) => {
    const { Aliases: aliases, IPAMConfig: addresses } = record.NetworkSettings.Networks[name] ?? {};
    // Docker adds the container's short id and its host name by itself.
    const added = [record.Id.slice(0, 12), record.Config.Hostname];
    return { aliases: aliases.filter((alias: string) => !added.includes(alias)), addresses: addresses?.IPv4Address };
  };
  assert.deepEqual(Object.keys(copy.NetworkSettings.Networks).toSorted(), [a, b, "bridge"].toSorted());
  assert.deepEqual(of(copy, a), { aliases: ["database"], addresses: "10.217.0.99" });
  assert.deepEqual(of(copy, b), { aliases: ["second"], addresses: undefined });
  assert.equal((copy.Config as { MacAddress?: string }).MacAddress, "02:42:0a:d9:00:63");
});

test("create: a name that is taken, and a network that is missing", async () => {
  const source = await create({});
  await assert.rejects(copyOf(source, { name: source.Name.slice(1) }), { code: "target-conflict", remedy: /docker rm/ });
  const away = {
    ...source,
    HostConfig: { ...source.HostConfig, NetworkMode: "default" },
    NetworkSettings: { ...source.NetworkSettings, Networks: { gone: {} } },
  };
  const name = sandbox.name();
  await assert.rejects(copyOf(away as unknown as ContainerRecord, { name }), { code: "engine-request-failed", message: /gone/ });
  await assert.rejects(engine.inspect(name), { code: "container-not-found" });
});
