import { parseJson } from "../container-record.ts";
import { hostRequests } from "../host-requests.ts";
import { plainName } from "../member-names.ts";
import type { ForeignContainer } from "../opened.ts";
import { Shape } from "../shape.ts";
import { foreignObstacles } from "./obstacles.ts";
import { foreignRecord } from "./record.ts";

/** Both documents of an archive, read member by member. */
export interface ForeignDocuments {
  /** `config.dump`: podman's record of a container; of CRI-O's and containerd's only id, name and image are there. */
  readonly config: (key: string) => Shape;
  /** `spec.dump`: the OCI configuration. */
  readonly spec: (key: string) => Shape;
}

/**
 * What `config.dump` and `spec.dump` say, also as a record of Docker's.
 * @throws MigrationError `archive-refused`: `record-invalid`, `bad-id`
 */
export function parseForeignContainer(configuration: string, specification: string): ForeignContainer {
  const value = parseJson(specification, "spec.dump");
  const documents: ForeignDocuments = {
    config: new Shape(parseJson(configuration, "config.dump"), "config.dump", "record-invalid").object(),
    spec: new Shape(value, "spec.dump", "record-invalid").object(),
  };
  const { config, spec } = documents;
  const process = spec("process").object();
  const record = foreignRecord(documents);
  return {
    id: config("id").text(plainName, "bad-id"),
    name: config("name").text(plainName, "bad-id"),
    image: record.Config.Image,
    imageId: config("rootfsImageID").maybe((id) => `sha256:${id.text(/^[0-9a-f]{64}$/)}`),
    runtime: config("runtime").maybe((runtime) => runtime.text()) ?? "",
    arguments: process("args").texts(),
    environment: process("env").maybe((list) => list.texts()) ?? [],
    specification: value as Readonly<Record<string, unknown>>,
    record,
    obstacles: foreignObstacles(documents),
    hostRequests: hostRequests(record),
  };
}
