import { androidCriu } from "../compatibility/criu-folders.ts";
import { targetPaths } from "../engine/resume-runtime/wrapper.ts";

/** Where things lie on a machine that was set up. */
export interface Places {
  /** The tool's own folder, mode 0700. */
  readonly work: string;
  readonly criu: string;
  /** The x86_64 emulator. */
  readonly emulator: string;
  /** The folder in which a trial makes its temporary one. */
  readonly trials: string;
}

const emulatorName = "emulator/qemu-x86_64-static";

const ofLinux: Places = {
  work: targetPaths.root,
  criu: targetPaths.criu,
  emulator: `${targetPaths.root}/${emulatorName}`,
  trials: "/var/lib",
};

/** The one folder of an Android device that is writable, survives a restart, and may hold programs. */
const temporary = "/data/local/tmp";

const ofAndroid: Places = {
  work: `${temporary}/migrate-container`,
  criu: androidCriu,
  emulator: `${temporary}/migrate-container/${emulatorName}`,
  trials: temporary,
};

export function placesOf(system: "linux" | "android"): Places {
  return system === "android" ? ofAndroid : ofLinux;
}
