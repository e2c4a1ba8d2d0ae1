import { MigrationError } from "../errors.ts";

/** Why a device can't be reached. */
export type AdbReason = "no-server" | "no-device" | "unauthorized" | "offline" | "several-devices" | "not-connected" | "other";

const remedies: Readonly<Record<AdbReason, string>> = {
  "no-server":
    "Start it with `adb start-server`. ADB_SERVER_SOCKET and ANDROID_ADB_SERVER_PORT, if set, say where it is looked for; only one on this machine can be started.",
  "no-device":
    "Connect the device by USB with USB debugging switched on in its developer options, or name a network device as `adb:host:port`. `adb devices` must list it.",
  unauthorized: "Unlock the device's screen and allow debugging from this computer.",
  offline: "Try `adb reconnect`; connect the device anew, or restart debugging in its developer options.",
  "several-devices": "Name one: `adb:SERIAL`, or set ANDROID_SERIAL.",
  "not-connected":
    "Check that the device is on, that its adbd listens on that port (`adb tcpip 5555` over USB, or wireless debugging) and that no firewall is in between.",
  other: "See what `adb devices -l` says of the device, and try `adb shell` by hand.",
};

const known: readonly (readonly [words: RegExp, reason: AdbReason])[] = [
  [
    /cannot connect to daemon|failed to check server version|failed to start daemon|could not read ok from ADB Server/i,
    "no-server",
  ],
  [/unauthorized|failed to authenticate/i, "unauthorized"],
  [/more than one/i, "several-devices"],
  [/device offline|\boffline\b/i, "offline"],
  [/failed to connect|cannot connect to|unable to connect|failed to resolve/i, "not-connected"],
  [/no devices|device '.*' not found|device not found/i, "no-device"],
];

/** The reason that adb's words give. */
export function reasonOf(words: string): AdbReason {
  return known.find(([pattern]) => pattern.test(words))?.[1] ?? "other";
}

/** @param words what adb said, or what else happened */
export function deviceUnreachable(
  host: string,
  words: string,
  reason: AdbReason = reasonOf(words),
  remedy: string = remedies[reason],
): MigrationError {
  const text = words
    .trim()
    .replace(/^(adb|error): /, "")
    .split("\n")
    .slice(-4)
    .join(" ");
  return new MigrationError("target-unreachable", `ADB cannot reach the device: ${text === "" ? "the connection ended" : text}`, {
    host,
    remedy,
    details: { reason, words },
  });
}
