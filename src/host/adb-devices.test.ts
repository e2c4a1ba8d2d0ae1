import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDevices, usable } from "./adb-devices.ts";
import { reasonOf } from "./adb-errors.ts";
import { asRoot } from "./adb-root.ts";

test("adb: the list of devices, in every state", () => {
  const text = [
    "List of devices attached",
    "emulator-5554\tdevice",
    "192.168.1.20:5555\toffline",
    "0123456789\tunauthorized",
    "0A\tno permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html]",
    "",
  ].join("\n");
  assert.deepEqual(
    parseDevices(text).map(({ serial, state }) => [serial, state.split(" (")[0]]),
    [
      ["emulator-5554", "device"],
      ["192.168.1.20:5555", "offline"],
      ["0123456789", "unauthorized"],
      ["0A", "no permissions"],
    ],
  );
});

for (const [state, reason, remedy] of [
  ["unauthorized", "unauthorized", /screen/],
  ["offline", "offline", /reconnect/],
  ["no permissions (missing udev rules?)", "other", /udev/],
  ["recovery", "other", /Start the device's Android/],
] as const) {
  test(`adb: a device whose state is ${state}`, () => {
    assert.throws(() => usable({ serial: "A1", state }), {
      code: "target-unreachable",
      host: "adb:A1",
      message: new RegExp(state.slice(0, 8)),
      remedy,
    });
    assert.throws(
      () => usable({ serial: "A1", state }),
      (error: { details: { reason: string } }) => error.details.reason === reason,
    );
  });
}

// As adb 29 and 34 say them.
for (const [words, reason] of [
  ["* failed to start daemon\nerror: cannot connect to daemon", "no-server"],
  ["error: cannot connect to daemon at tcp:192.0.2.1:5037: Connection refused", "no-server"],
  ["error: device 'A1' not found", "no-device"],
  ["error: no devices/emulators found", "no-device"],
  ["error: more than one device/emulator", "several-devices"],
  ["error: device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set", "unauthorized"],
  ["adb: device offline", "offline"],
  ["failed to connect to '127.0.0.1:5': Connection refused", "not-connected"],
  ["error: closed", "other"],
] as const) {
  test(`adb: ${JSON.stringify(words.split("\n")[0])} means ${reason}`, () => assert.equal(reasonOf(words), reason));
}

test("adb: a command keeps its words on every way to root", () => {
  const command = ["echo", "it's", "$HOME"];
  assert.equal(asRoot("plain", command), `exec echo 'it'\\''s' '$HOME'`);
  assert.equal(asRoot("su 0", command), `exec su 0 echo 'it'\\''s' '$HOME'`);
  assert.match(asRoot("su -c", command), /^exec su -c '/);
});
