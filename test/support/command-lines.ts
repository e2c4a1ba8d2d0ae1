import { readFile } from "node:fs/promises";

const name = "migrate-container";

async function read(path: string): Promise<string> {
  return await readFile(new URL(`../../${path}`, import.meta.url), "utf8");
}

/** The command lines of README.md's section of commands, which is their reference, as words after the program's name. */
export async function readmeCommands(): Promise<string[][]> {
  const section = (await read("README.md")).split("\n## Commands\n")[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/`migrate-container ([^`]+)`/g)].map(([, line]) => wordsOf(line ?? ""));
}

/** All command lines that stand on lines of their own in a document, each with the least and with all that its synopsis allows. */
export async function documentedCommands(path: string): Promise<string[][]> {
  const lines = (await read(path)).matchAll(/^ {4}migrate-container (.+)$/gm);
  // The synopsis of all commands together.
  const synopses = [...lines].map(([, line]) => line ?? "").filter((line) => !line.includes("<command>"));
  return synopses.flatMap((line) => [line.replaceAll(/\s\[[^\]]*\]/g, ""), line.replaceAll(/[[\]]/g, "")]).map(wordsOf);
}

/** Words in the place of names: the first choice of `<bash|zsh>`, `id` for `id or container…`. */
function wordsOf(line: string): string[] {
  return line
    .replace(/\s(#|>|\$ ).*$/, "")
    .replaceAll(/ or \w+…?/g, "")
    .replaceAll(/<([^|>]+)[^>]*>/g, "$1")
    .trim()
    .split(/\s+/)
    .filter((word) => word !== name);
}
