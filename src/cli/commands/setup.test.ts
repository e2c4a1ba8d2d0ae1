import assert from "node:assert/strict";
import test from "node:test";
import type { CriuBundle, InstallCriuOptions } from "../../criu/bundle/install-bundle.ts";
import { MigrationError } from "../../errors.ts";
import { runWith } from "../testing/run-with.ts";

const bundle: CriuBundle = {
  directory: "/data/criu/amd64",
  binDirectory: "/data/criu/amd64/bin",
  program: "/data/criu/amd64/bin/criu",
  version: "4.2.1",
  architecture: "amd64",
  installed: true,
};

async function install({ onProgress }: InstallCriuOptions = {}): Promise<CriuBundle> {
  onProgress?.("downloading 27 packages");
  return bundle;
}

test("it tells what goes on, then where CRIU is and which version", async () => {
  const { exitCode, stdout, stderr } = await runWith({ installCriuBundle: install }, ["setup"]);
  assert.equal(exitCode, 0);
  assert.equal(stderr, "downloading 27 packages\n");
  assert.equal(stdout, "✔ CRIU 4.2.1 is installed in /data/criu/amd64\n");
});

test("a second run says that it is there", async () => {
  const { stdout } = await runWith({ installCriuBundle: async () => ({ ...bundle, installed: false }) }, ["setup"]);
  assert.equal(stdout, "✔ CRIU 4.2.1 is there already, in /data/criu/amd64\n");
});

test("with --json the bundle is the document", async () => {
  const { stdout, stderr } = await runWith({ installCriuBundle: install }, ["setup", "--json"]);
  assert.deepEqual(JSON.parse(stdout), bundle);
  assert.deepEqual(JSON.parse(stderr), { type: "message", text: "downloading 27 packages" });
});

test("a failure names the remedy", async () => {
  const installCriuBundle = async () => {
    throw new MigrationError("setup-failed", "CRIU can't be installed: no mirror", { host: "local", remedy: "Name one." });
  };
  const { exitCode, stdout, stderr } = await runWith({ installCriuBundle }, ["setup"]);
  assert.equal(exitCode, 1);
  assert.equal(stdout, "");
  assert.equal(
    stderr,
    `✖ Not set up: CRIU can't be installed: no mirror
  Machine: this machine
  Remedy: Name one.
  Code: setup-failed (docs/errors.md)
  State: Nothing was changed.
`,
  );
});
