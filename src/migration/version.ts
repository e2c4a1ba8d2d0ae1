import { readFileSync } from "node:fs";

const description = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  name: string;
  version: string;
};

/** The tool's name and version, as journals and manifests name it. */
export const toolVersion = `${description.name} ${description.version}`;
