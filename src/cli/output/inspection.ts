import type { EnvironmentVariable, InspectedProcess, Inspection } from "../../checkpoint/inspect/inspection.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import { printable } from "../format/printable.ts";
import type { Look } from "../session.ts";
import { tableLines } from "./table.ts";

export const sections = ["summary", "processes", "files", "sockets", "mounts", "environment", "requests", "members"] as const;
export type Section = (typeof sections)[number];

/** What is shown when nothing is named: short enough for a screen. */
export const usualSections: readonly Section[] = ["summary", "processes", "sockets", "requests"];

export function inspectionLines(inspection: Inspection, shown: readonly Section[], { style }: Look): string[] {
  const bodies: Readonly<Record<Section, () => string[]>> = {
    summary: () => summary(inspection),
    processes: () => processTable(inspection.processes),
    files: () => fileTable(inspection),
    sockets: () => socketTable(inspection),
    mounts: () =>
      table(
        ["PATH", "TYPE", "SOURCE"],
        inspection.mounts.map(({ path, type, source }) => [path, type, source]),
      ),
    environment: () => environment(inspection),
    requests: () => requests(inspection),
    members: () =>
      table(
        ["SIZE", "MEMBER"],
        inspection.members.map(({ path, size }) => [formatBytes(size), path]),
        [0],
      ),
  };
  return shown
    .map((section) => ({ section, lines: bodies[section]() }))
    .filter(({ lines }) => lines.length > 0)
    .flatMap(({ section, lines }, index) => [
      ...(index === 0 ? [] : [""]),
      style.bold(titles[section]),
      ...lines.map((line) => `  ${printable(line)}`),
    ]);
}

const titles: Readonly<Record<Section, string>> = {
  summary: "Checkpoint",
  processes: "Processes",
  files: "Open files",
  sockets: "Sockets",
  mounts: "Mounts",
  environment: "Environment",
  requests: "What the container asks of the machine",
  members: "Members",
};

function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  return rows.length === 0 ? [] : tableLines([head, ...rows], right);
}

function summary({ path, format, archive, source, container, totals }: Inspection): string[] {
  const kinds = {
    "migrate-container": "archive of migrate-container",
    podman: "archive of podman or the kubelet",
    folder: "folder of CRIU's images",
  };
  const form =
    archive === undefined
      ? ""
      : `, ${formatBytes(archive.bytes)}, ${archive.encrypted ? "encrypted, " : ""}${compressionText(archive.compression)}`;
  const image = archive?.withImage === true ? " (in the archive)" : "";
  const rows: (readonly [string, string | undefined])[] = [
    ["file", `${path}: ${kinds[format]}${form}`],
    ["taken", archive?.created],
    [
      "source",
      source &&
        [source.architecture, source.kernel && `Linux ${source.kernel}`, source.engine].filter((text) => text !== "").join(", "),
    ],
    ["container", container && `${container.name} (${container.id.slice(0, 12)})`],
    ["image", container && `${container.image}${image}`],
    ["command", container?.command.join(" ")],
    [
      "holds",
      `${count(totals.processes, "process", "processes")}, ${count(totals.threads, "thread")}, ${formatBytes(totals.memory)} of memory, ${count(totals.members, "file")}`,
    ],
    ["deleted", archive && archive.deletedFiles.length > 0 ? archive.deletedFiles.join(", ") : undefined],
  ];
  return tableLines(rows.filter(([, text]) => text !== undefined && text !== "") as [string, string][]);
}

function compressionText(compression: string): string {
  return compression === "none" ? "not compressed" : `compressed with ${compression}`;
}

/** Children stand below their parents, indented. */
function processTable(processes: readonly InspectedProcess[]): string[] {
  const depths = new Map<number, number>();
  const rows = processes.map(({ pid, parent, name, state, threads, memory, command }) => {
    const depth = depths.has(parent) ? depths.get(parent)! + 1 : 0;
    depths.set(pid, depth);
    const shown = state === "alive" ? name : `${name} (${state})`;
    return [
      String(pid),
      String(threads.length),
      formatBytes(memory.dumped),
      `${"  ".repeat(depth)}${shown}`,
      (command ?? []).join(" ").slice(0, 200),
    ];
  });
  return table(["PID", "THREADS", "MEMORY", "NAME", "COMMAND"], rows, [0, 1, 2]);
}

function fileTable({ files }: Inspection): string[] {
  const rows = files.map(({ pid, descriptor, kind, name, position }) => [
    ...[String(pid), String(descriptor), kind],
    ...[position === undefined ? "" : String(position), name],
  ]);
  return table(["PID", "FD", "KIND", "POSITION", "NAME"], rows, [0, 1, 3]);
}

function socketTable({ sockets }: Inspection): string[] {
  const rows = sockets.map(({ pid, descriptor, protocol, state, local, peer }) => [
    String(pid),
    String(descriptor),
    protocol,
    state,
    local,
    peer,
  ]);
  return table(["PID", "FD", "KIND", "STATE", "LOCAL", "PEER"], rows, [0, 1]);
}

function environment({ container, processes }: Inspection): string[] {
  const text = ({ name, value }: EnvironmentVariable) => (value === undefined ? name : `${name}=${value}`);
  const named = processes.map(({ pid, name, environment: variables }) => [`${name} (${pid})`, variables] as const);
  return [["configuration", container?.environment] as const, ...named].flatMap(([what, variables]) =>
    variables === undefined || variables.length === 0 ? [] : [`${what}:`, ...variables.map((variable) => `  ${text(variable)}`)],
  );
}

function requests({ container }: Inspection): string[] {
  return table(
    ["FIELD", "VALUE"],
    (container?.hostRequests ?? []).map(({ field, value }) => [field, value]),
  );
}
