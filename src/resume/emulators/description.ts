import { MigrationError } from "../../errors.ts";
import { type Gap, gapNames } from "../target.ts";
import type { Emulator } from "./emulator.ts";
import { qemuUser } from "./qemu-user.ts";

const example = '{"path": "/usr/bin/qemu-x86_64", "version": "10.0"}';

/**
 * Reads an emulator's description, a JSON object: `path` on the target; `command`, by default `["{emulator}", "{program}"]`;
 * `version`; `like`, the emulator that it is or behaves like, by default `qemu-user`; `lacks`, in place of what that one lacks.
 * @param source where the text is from, for messages
 * @throws MigrationError `usage`
 */
export function parseEmulatorDescription(text: string, source: string): Emulator {
  const wrong = (what: string): MigrationError =>
    new MigrationError("usage", `${source} describes no emulator: ${what}`, {
      remedy: `Write it like this: ${example}. See docs/emulators.md.`,
    });
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    throw wrong("it is not JSON");
  }
  if (typeof values !== "object" || values === null || Array.isArray(values)) throw wrong("it is not a JSON object");
  const known = ["path", "command", "version", "like", "lacks"];
  const unknown = Object.keys(values).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw wrong(`unknown ${unknown.join(", ")}; there are ${known.join(", ")}`);
  const { path, command = ["{emulator}", "{program}"], version, like = "qemu-user", lacks } = values as Record<string, unknown>;
  if (typeof path !== "string" || !path.startsWith("/")) throw wrong("`path` must be an absolute path");
  if (version !== undefined && (typeof version !== "string" || !/^\d+\.\d+/.test(version)))
    throw wrong("`version` must be like 10.0");
  if (like !== "qemu-user") throw wrong("`like` must be qemu-user, the only emulator that is known");
  if (!isTextList(command) || !command.includes("{program}") || command[0] !== "{emulator}")
    throw wrong("`command` must begin with {emulator} and have a word {program}");
  const emulator = qemuUser(version, { path, command });
  if (lacks === undefined) return emulator;
  if (!isTextList(lacks) || !lacks.every((gap) => gapNames.includes(gap as Gap)))
    throw wrong(`\`lacks\` must be a list out of ${gapNames.join(", ")}`);
  return { ...emulator, lacks: new Set(lacks as Gap[]) };
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}
