import { parseJson } from "../container-record.ts";
import type { HostRequest } from "../host-requests.ts";
import { plainName } from "../member-names.ts";
import type { ForeignContainer } from "../opened.ts";
import { refusal, shown } from "../refusal.ts";
import { Shape } from "../shape.ts";

/** Where an engine mounts file systems that are the kernel's or the container's own. */
const ownFileSystems = new Set(["proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "cgroup2", "shm"]);

/**
 * What `config.dump` (podman's and CRI-O's record of a container) and `spec.dump` (its OCI configuration) say.
 * @throws MigrationError `archive-refused`: `record-invalid`, `bad-id`
 */
export function parseForeignContainer(configuration: string, specification: string): ForeignContainer {
  const config = new Shape(parseJson(configuration, "config.dump"), "config.dump", "record-invalid").object();
  const value = parseJson(specification, "spec.dump");
  const spec = new Shape(value, "spec.dump", "record-invalid").object();
  const process = spec("process").object();
  const image = [config("rootfsImageName"), config("rootfsImageRef"), config("rootfsImage")].find(
    (each) => !each.absent && each.text() !== "",
  );
  return {
    id: config("id").text(plainName, "bad-id"),
    name: config("name").text(plainName, "bad-id"),
    image: image?.text() ?? "",
    runtime: config("runtime").absent ? "" : config("runtime").text(),
    arguments: process("args").texts(),
    environment: process("env").absent ? [] : process("env").texts(),
    specification: value as Readonly<Record<string, unknown>>,
    hostRequests: [...mountRequests(spec("mounts")), ...deviceRequests(spec("linux"))],
  };
}

function mountRequests(mounts: Shape): HostRequest[] {
  if (mounts.absent || mounts.isNull) return [];
  return mounts.list().flatMap((each) => {
    const at = each.object();
    const [destination, type] = [at("destination").text(), at("type").absent ? "bind" : at("type").text()];
    if (ownFileSystems.has(type)) return [];
    return [{ field: "mounts", value: `${at("source").absent ? "" : at("source").text()}:${destination}` }];
  });
}

function deviceRequests(linux: Shape): HostRequest[] {
  if (linux.absent || linux.isNull) return [];
  const devices = linux.object()("devices");
  if (devices.absent || devices.isNull) return [];
  return devices.list().map((each) => ({ field: "devices", value: each.object()("path").text() }));
}

/**
 * The files of the image that the container has deleted, as paths below its root. podman removed them from the host's root instead when
 * they began with `../` (podman issue 27977).
 * @throws MigrationError `archive-refused`: `record-invalid`, `deleted-path`
 */
export function parseDeletedFiles(text: string): string[] {
  const list = parseJson(text, "deleted.files", Number.POSITIVE_INFINITY);
  if (list === null) return [];
  if (!Array.isArray(list)) throw notAList();
  return list.map((path: unknown) => {
    if (typeof path !== "string") throw notAList();
    const parts = path.replace(/^\//, "").split("/");
    if (path.includes("\0") || parts.some((part) => part === "" || part === "." || part === "..")) {
      throw refusal("deleted-path", `deleted.files names \`${shown(path)}\`, which leads out of the container's files`, {
        member: "deleted.files",
      });
    }
    return parts.join("/");
  });
}

const notAList = () => refusal("record-invalid", "deleted.files is no list of paths", { member: "deleted.files" });
