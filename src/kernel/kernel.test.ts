import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { openLocalHost } from "../host/local.ts";
import { isSet, parseKernelConfig } from "./config.ts";
import { kernelFragment } from "./fragment.ts";
import { missingFor, missingOptions, optionsFor } from "./missing.ts";
import { kernelOptions } from "./options.ts";
import { readKernelConfig, readKernelConfigFile } from "./read-config.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "kernel-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/** A configuration with all options but these. */
const without = (...names: readonly string[]) =>
  parseKernelConfig(
    kernelOptions.map(({ name }) => (names.includes(name) ? `# CONFIG_${name} is not set` : `CONFIG_${name}=y`)).join("\n"),
    "test",
  );
const namesOf = (options: readonly { readonly name: string }[]) => options.map(({ name }) => name);

test("built in and as a module are there; not set, and other values, are not", () => {
  const config = parseKernelConfig("CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=48\nCONFIG_E=n\n", "test");
  assert.deepEqual(
    ["A", "B", "C", "D", "E", "F"].map((name) => isSet(config, name)),
    [true, true, false, false, false, false],
  );
});

test("what is missing is told by who needs it", () => {
  assert.deepEqual(missingOptions(without(), "aarch64"), []);
  const config = without("VETH", "UNIX_DIAG", "TIME_NS");
  assert.deepEqual(namesOf(missingOptions(config, "aarch64")), ["VETH", "UNIX_DIAG", "TIME_NS"]);
  assert.deepEqual(namesOf(missingFor("docker", config, "aarch64")), ["VETH"]);
  assert.deepEqual(namesOf(missingFor("resume", config, "aarch64")), ["TIME_NS"]);
});

test("an option's substitute does as well", () => {
  const lines = ["CONFIG_NF_TABLES=m", "CONFIG_ARM64_VA_BITS_52=y"].join("\n");
  const names = namesOf(missingOptions(parseKernelConfig(lines, "test"), "aarch64"));
  for (const name of ["IP_NF_FILTER", "IP_NF_NAT", "ARM64_VA_BITS_48"]) assert.ok(!names.includes(name), name);
  assert.ok(names.includes("VETH"));
});

test("what only ARM64 needs is not asked of x86_64", () => {
  const config = without("BINFMT_MISC", "ARM64_VA_BITS_48");
  assert.deepEqual(missingOptions(config, "x86_64"), []);
  assert.deepEqual(namesOf(missingOptions(config, "aarch64")), ["BINFMT_MISC", "ARM64_VA_BITS_48"]);
});

test("the fragment sets each option with its reason, and takes back what excludes it", () => {
  const text = kernelFragment(optionsFor("aarch64"));
  for (const { name, why } of kernelOptions) {
    assert.ok(text.includes(`: ${why}\nCONFIG_${name}=y\n`), name);
  }
  assert.match(text, /^CONFIG_ARM64_VA_BITS_48=y\n# CONFIG_ARM64_VA_BITS_39 is not set$/m);
  assert.deepEqual(missingOptions(parseKernelConfig(text, "test"), "aarch64"), []);
});

test("no option is named twice", () => {
  assert.equal(new Set(namesOf(kernelOptions)).size, kernelOptions.length);
});

test("a file is read plain and compressed; what is none is refused", async () => {
  const file = join(folder, "config");
  await writeFile(file, "CONFIG_VETH=m\n");
  assert.ok(isSet(await readKernelConfigFile(file), "VETH"));
  await writeFile(`${file}.gz`, gzipSync("CONFIG_VETH=m\n"));
  assert.ok(isSet(await readKernelConfigFile(`${file}.gz`), "VETH"));
  await writeFile(file, "no configuration\n");
  await assert.rejects(readKernelConfigFile(file), { code: "usage", message: /is not the configuration of a kernel/ });
  await assert.rejects(readKernelConfigFile(join(folder, "none")), { code: "usage", message: /can't be read$/ });
});

test("a machine's own configuration is read as far as it matters, if it tells", async () => {
  await using host = openLocalHost();
  const config = await readKernelConfig(host);
  if (config === undefined) return;
  assert.match(config.source, /^\/(proc|boot|lib|usr)\//);
  assert.ok(isSet(config, "NAMESPACES"), "Docker runs here");
  const known = new Set(kernelOptions.flatMap(({ name, instead = [] }) => [name, ...instead]));
  for (const name of config.values.keys()) assert.ok(known.has(name), name);
});
