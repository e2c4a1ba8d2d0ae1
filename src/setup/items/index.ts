import type { Item } from "../item.ts";
import { access } from "./access.ts";
import { criu } from "./criu.ts";
import { emulator } from "./emulator.ts";
import { emulatorAtBoot } from "./emulator-at-boot.ts";
import { engine } from "./engine.ts";
import { folders } from "./folders.ts";
import { kernelItems } from "./kernel.ts";
import { runtime } from "./runtime.ts";
import { space } from "./space.ts";
import { tools } from "./tools.ts";

/** What a machine needs, in the order in which it is put right: the work folder holds what comes after it. */
export const items: readonly Item[] = [
  access,
  ...kernelItems,
  tools,
  engine,
  runtime,
  folders,
  criu,
  emulator,
  emulatorAtBoot,
  space,
];
