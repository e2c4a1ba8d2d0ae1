import assert from "node:assert/strict";
import test from "node:test";
import { grantsOf, notGranted } from "./grants.ts";

const bind = { field: "Binds", value: "/srv:/srv" };
const other = { field: "Binds", value: "/:/host" };
const port = { field: "PortBindings", value: '80/tcp=[{"HostPort":"80"}]' };

test("grants: nothing by default; one request, a field, or all", () => {
  const granted = (words: readonly string[]) => [bind, other, port].filter(grantsOf(words));
  assert.deepEqual(granted([]), []);
  assert.deepEqual(granted(["Binds=/srv:/srv"]), [bind]);
  assert.deepEqual(granted(["Binds"]), [bind, other]);
  assert.deepEqual(granted(["PortBindings", "Binds=/:/host"]), [other, port]);
  assert.deepEqual(granted(["all"]), [bind, other, port]);
  for (const word of ["", "binds", "Binds=", "Binds=/", "All", "Binds=/srv"]) assert.deepEqual(granted([word]), [], word);
});

test("grants: what is not granted is named with the option that grants it", () => {
  assert.deepEqual(notGranted([bind, other], grantsOf(["Binds=/srv:/srv"])), [
    "the archive asks for Binds=/:/host, which is not granted: --allow 'Binds=/:/host' does",
  ]);
});
