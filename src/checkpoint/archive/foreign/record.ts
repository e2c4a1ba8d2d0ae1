import type { ContainerRecord } from "../../../engine/docker/engine.ts";
import { plainName } from "../member-names.ts";
import type { Shape } from "../shape.ts";
import type { ForeignDocuments } from "./documents.ts";
import { foreignHostConfig, namedNetworks } from "./host-config.ts";
import { foreignMounts } from "./mounts.ts";

/**
 * podman's or the kubelet's record as Docker would have it, without the image's id. Supplementary groups, which Docker reads from the
 * image's /etc/group as well, are left to it.
 * @throws MigrationError `archive-refused`: `record-invalid`, `bad-id`
 */
export function foreignRecord(documents: ForeignDocuments): ContainerRecord {
  const { config, spec } = documents;
  const id = config("id").text(plainName, "bad-id");
  const mounts = foreignMounts(documents);
  const host = foreignHostConfig(documents, mounts);
  const record = {
    Id: id,
    Name: `/${config("name").text(plainName, "bad-id")}`,
    Created: config("createdTime").maybe((time) => time.text()) ?? "",
    Image: "",
    Path: "",
    Args: [],
    State: { Status: "running", Running: true, Paused: false, Pid: 0, ExitCode: 0, StartedAt: "" },
    // Where its own engine kept its files doesn't matter any more.
    Driver: "overlay2",
    AppArmorProfile: "",
    Config: {
      ...processConfig(spec("process").object()),
      Hostname: spec("hostname").maybe((name) => name.text()) ?? id.slice(0, 12),
      Domainname: "",
      Image: imageName(config),
      OpenStdin: config("stdin").maybe((stdin) => stdin.flag()) ?? false,
      // Docker publishes no others.
      ExposedPorts: Object.fromEntries(Object.keys(host.PortBindings).map((port) => [port, {}])),
      Labels: Object.fromEntries(config("labels").maybe(textEntries) ?? []),
      StopSignal: config("stopSignal").maybe((signal) => String(signal.count())),
      StopTimeout: config("stopTimeout").maybe((seconds) => seconds.count()),
      Healthcheck: config("healthcheck").maybe(healthCheck),
    },
    HostConfig: host,
    Mounts: mounts.mounts,
    NetworkSettings: { Networks: Object.fromEntries(namedNetworks(config).map((name) => [name, {}])) },
  };
  return record as unknown as ContainerRecord;
}

/** Docker asks for an image by its name in a path (distribution, reference/regexp.go). */
const imageReference = /^(?!.*\.\.)([a-zA-Z0-9][a-zA-Z0-9._:@/-]*)?$/;

/** The name that the engine knew the image by; empty when none is told. */
function imageName(config: ForeignDocuments["config"]): string {
  const keys = ["rootfsImageName", "rootfsImageRef", "rootfsImage"];
  const names = keys.map((key) => config(key).maybe((name) => name.text(imageReference)));
  return names.find((name) => name !== undefined && name !== "") ?? "";
}

function processConfig(process: ForeignDocuments["spec"]) {
  const user = process("user").maybe((each) => each.object());
  const idOf = (key: string) => user?.(key).maybe((each) => each.count()) ?? 0;
  return {
    User: `${idOf("uid")}:${idOf("gid")}`,
    Tty: process("terminal").maybe((terminal) => terminal.flag()) ?? false,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    StdinOnce: false,
    Env: process("env").maybe((list) => list.texts()) ?? [],
    // The image's entry point is among the arguments already.
    Entrypoint: null,
    Cmd: process("args").texts(),
    WorkingDir: process("cwd").maybe((path) => path.text()) ?? "/",
  };
}

/** podman has Docker's own form. */
function healthCheck(check: Shape) {
  const at = check.object();
  return {
    Test: at("Test").maybe((test) => test.texts()) ?? [],
    Interval: at("Interval").maybe((time) => time.count()) ?? 0,
    Timeout: at("Timeout").maybe((time) => time.count()) ?? 0,
    StartPeriod: at("StartPeriod").maybe((time) => time.count()) ?? 0,
    Retries: at("Retries").maybe((count) => count.count()) ?? 0,
  };
}

export const textEntries = (shape: Shape): [key: string, text: string][] =>
  shape.entries().map(([key, value]) => [key, value.text()]);
