import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { z } from "zod";
import type { Configuration } from "./configuration.ts";
import { configurationInvalid } from "./invalid.ts";
import { configurationSchema, knownKeys } from "./schema.ts";

/**
 * Reads a configuration file's text: JSON, without comments.
 * @throws MigrationError `config-invalid`, with `details` {file, line, column, key, expected}
 */
export function parseConfiguration(text: string, file: string): Configuration {
  const place = { file, text };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const [first] = errors;
  if (first !== undefined || root === undefined) {
    const { error, offset } = first ?? { error: 4, offset: 0 };
    throw configurationInvalid({ ...place, offset, problem: `it is not JSON (${words(printParseErrorCode(error))})` });
  }
  refuseRepeatedKeys(root, place);
  const parsed = configurationSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw explain(parsed.error.issues[0]!, root, place);
  const { default_options: options = {}, checkpoint_dir, work_dir, criu_binary, log_level } = parsed.data;
  return {
    file,
    defaultOptions: {
      leaveRunning: options.leave_running,
      tcpEstablished: options.tcp_established,
      shellJob: options.shell_job,
      externalUnixSockets: options.ext_unix_sk,
      fileLocks: options.file_locks,
    },
    checkpointDirectory: checkpoint_dir,
    workDirectory: work_dir,
    criuBinary: criu_binary,
    logLevel: log_level,
  };
}

interface Place {
  readonly file: string;
  readonly text: string;
}

/** JSON.parse takes the last of two; which one was meant nobody knows. */
function refuseRepeatedKeys(node: Node, place: Place): void {
  const seen = new Set<string>();
  for (const child of node.children ?? []) {
    const key = node.type === "object" ? child.children?.[0] : undefined;
    if (key !== undefined && seen.has(key.value)) {
      throw configurationInvalid({ ...place, offset: key.offset, key: key.value, problem: `\`${key.value}\` is there twice` });
    }
    if (key !== undefined) seen.add(key.value);
    refuseRepeatedKeys(child, place);
  }
}

function explain({ path, message, ...issue }: z.core.$ZodIssue, root: Node, place: Place): Error {
  const at = path as (string | number)[];
  if (issue.code === "unrecognized_keys") {
    const key = [...at, issue.keys[0]!];
    const known = knownKeys(at);
    const offset = findNodeAtLocation(root, key)!.parent!.offset;
    const problem = `\`${key.join(".")}\` is no key of it`;
    return configurationInvalid({ ...place, offset, key: key.join("."), problem, expected: `one of ${known.join(", ")}` });
  }
  const node = findNodeAtLocation(root, at)!;
  const found = place.text.slice(node.offset, node.offset + Math.min(node.length, 40));
  const subject = at.length === 0 ? "its content" : `\`${at.join(".")}\``;
  const problem = `${subject} is ${found}, not ${message}`;
  return configurationInvalid({ ...place, offset: node.offset, key: at.join("."), problem, expected: message });
}

/** `CloseBraceExpected` → `close brace expected`. */
function words(code: string): string {
  return code.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}
