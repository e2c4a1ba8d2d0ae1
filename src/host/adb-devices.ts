import { type AdbOptions, adb } from "./adb-client.ts";
import { deviceUnreachable } from "./adb-errors.ts";

/** A line of `adb devices`. */
export interface AdbDevice {
  readonly serial: string;
  /** `device` when it can be used; `offline`, `unauthorized`, `no permissions …`, `recovery`, … */
  readonly state: string;
}

/** @param text what `adb devices` printed */
export function parseDevices(text: string): AdbDevice[] {
  return text.split("\n").flatMap((line) => {
    const [, serial, state] = /^(\S+)\t(.+?)\s*$/.exec(line) ?? [];
    return serial === undefined || state === undefined ? [] : [{ serial, state }];
  });
}

/**
 * The device that is meant, in a state to be used. A network device that the server doesn't have, or has lost, is connected.
 * @param serial undefined: ANDROID_SERIAL's, or the only device
 * @throws MigrationError `target-unreachable` with `details.reason`, `command-not-found`, `cancelled`
 */
export async function findDevice(serial = process.env.ANDROID_SERIAL || undefined, options: AdbOptions = {}): Promise<string> {
  const devices = await listDevices(serial, options);
  if (serial === undefined) return usable(onlyDevice(devices)).serial;
  const found = devices.find((device) => device.serial === serial);
  if (!isNetworkSerial(serial) || (found !== undefined && !/^(offline|connecting)/.test(found.state))) {
    if (found === undefined)
      throw deviceUnreachable(`adb:${serial}`, `there is no device \`${serial}\`; ${listed(devices)}`, "no-device");
    return usable(found).serial;
  }
  // A server goes on listing a network device that it has lost as offline, and `connect` then only says "already connected".
  if (found !== undefined) await adb(["disconnect", serial], options);
  const { words } = await adb(["connect", serial], options);
  if (!/^(already )?connected to/m.test(words)) throw deviceUnreachable(`adb:${serial}`, words, "not-connected");
  const connected = (await listDevices(serial, options)).find((device) => device.serial === serial);
  return usable(connected ?? { serial, state: "offline" }).serial;
}

async function listDevices(serial: string | undefined, options: AdbOptions): Promise<AdbDevice[]> {
  const { failed, timedOut, stdout, words } = await adb(["devices"], options);
  if (failed) throw deviceUnreachable(`adb:${serial ?? ""}`, timedOut ? "its server does not answer" : words, "no-server");
  return parseDevices(stdout);
}

/** `host:port`, `[address]:port`. */
function isNetworkSerial(serial: string): boolean {
  return /^(\[[\da-fA-F:.%\w]+\]|[\w.-]+):\d{1,5}$/.test(serial);
}

function onlyDevice(devices: readonly AdbDevice[]): AdbDevice {
  const [first] = devices;
  if (first === undefined) throw deviceUnreachable("adb:", "no device is connected", "no-device");
  const online = devices.filter(({ state }) => state === "device");
  if (devices.length === 1) return first;
  const [only] = online;
  if (online.length === 1 && only !== undefined) return only;
  throw deviceUnreachable("adb:", `it could be any of several: ${listed(devices)}`, "several-devices");
}

function listed(devices: readonly AdbDevice[]): string {
  if (devices.length === 0) return "none is connected";
  return `connected: ${devices.map(({ serial, state }) => (state === "device" ? serial : `${serial} (${state})`)).join(", ")}`;
}

/** @throws MigrationError `target-unreachable` */
export function usable(device: AdbDevice): AdbDevice {
  const { serial, state } = device;
  if (state === "device") return device;
  const words = `the device's state is \`${state}\``;
  if (state === "unauthorized" || state === "authorizing") throw deviceUnreachable(`adb:${serial}`, words, "unauthorized");
  if (state === "offline" || state === "connecting") throw deviceUnreachable(`adb:${serial}`, words, "offline");
  if (state.startsWith("no permissions")) {
    const remedy =
      "This user may not use the USB device: install the udev rules (Debian: `android-sdk-platform-tools-common`) or run the ADB server as root.";
    throw deviceUnreachable(`adb:${serial}`, words, "other", remedy);
  }
  throw deviceUnreachable(
    `adb:${serial}`,
    words,
    "other",
    "Start the device's Android, and wait until `adb devices` calls it `device`.",
  );
}
