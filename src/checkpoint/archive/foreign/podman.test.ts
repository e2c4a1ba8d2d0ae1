import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { eventually } from "../../../resume/testing/eventually.ts";
import { openPodmanStore, type PodmanStore, podmanImage } from "../../testing/podman-store.ts";
import { openArchive } from "../open-archive.ts";

let store: PodmanStore;
before(async () => {
  store = await openPodmanStore();
});
after(() => store[Symbol.asyncDispose]());

const script = "rm /etc/unneeded; ln -s /etc/passwd /tmp/link; i=0; while :; do i=$((i+1)); echo $i >/tmp/count; sleep 0.1; done";

for (const compression of ["zstd", "gzip", "none"]) {
  test(`podman: an archive that it exported, compressed with ${compression}`, async () => {
    const { podman, folder } = store;
    const name = `packages-test-${compression}`;
    const settings = ["--name", name, "--network", "none", "--env", "COLOUR=blue"];
    await podman("run", "--detach", ...settings, podmanImage, "/bin/sh", "-c", script);
    await eventually("a count", () => podman("exec", name, "/bin/busybox", "cat", "/tmp/count"));
    const path = join(folder, `${name}.tar`);
    await podman("container", "checkpoint", "--compress", compression, "--export", path, name);
    await using archive = await openArchive(path);
    assert.ok(archive.format === "podman");
    assert.equal(archive.compression, compression);
    assert.equal(archive.container.name, name);
    assert.equal(archive.container.image, podmanImage);
    assert.equal(`sha256:${await podman("image", "inspect", "--format", "{{.Id}}", podmanImage)}`, archive.container.imageId);
    assert.deepEqual(archive.container.arguments, ["/bin/sh", "-c", script]);
    assert.ok(archive.container.environment.includes("COLOUR=blue"));
    assert.match(archive.engineStdio.join(), /^\/dev\/null,pipe:\[\d+\],pipe:\[\d+\]$/);
    assert.deepEqual(archive.deletedFiles, ["etc/unneeded"]);
    assert.deepEqual(archive.container.obstacles, []);
    const { HostConfig: host } = archive.container.record;
    assert.deepEqual([host.NetworkMode, host.CapAdd, host.CapDrop, host.PidsLimit], ["none", [], [], 2048]);
    assert.deepEqual(host.Ulimits?.[0], { Name: "nofile", Soft: 1024, Hard: 1024 });
    assert.deepEqual(archive.hostRequests, []);
    const { stdout } = await execa("tar", ["--list", "--file", archive.upper ?? ""]);
    assert.match(stdout, /tmp\/count/);
  });
}
