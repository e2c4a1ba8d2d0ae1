import assert from "node:assert/strict";
import { test } from "node:test";
import type { MigrationError } from "../errors.ts";
import { dumpSettingsOf } from "./dump-settings.ts";
import { parseConfiguration } from "./parse.ts";

test("configuration: every key is read", () => {
  const text = JSON.stringify({
    default_options: { leave_running: true, tcp_established: false, shell_job: true, ext_unix_sk: true, file_locks: false },
    checkpoint_dir: "/srv/checkpoints",
    work_dir: "/srv/work",
    criu_binary: "/opt/criu/sbin/criu",
    log_level: 3,
  });
  const configuration = parseConfiguration(text, "c.json");
  assert.deepEqual(configuration, {
    file: "c.json",
    defaultOptions: { leaveRunning: true, tcpEstablished: false, shellJob: true, externalUnixSockets: true, fileLocks: false },
    checkpointDirectory: "/srv/checkpoints",
    workDirectory: "/srv/work",
    criuBinary: "/opt/criu/sbin/criu",
    logLevel: 3,
  });
  assert.deepEqual(dumpSettingsOf(configuration), {
    tcpEstablished: false,
    shellJob: true,
    externalUnixSockets: true,
    fileLocks: false,
    logLevel: 3,
  });
});

test("configuration: no key is needed, and levels have names", () => {
  assert.equal(parseConfiguration("{}", "c.json").logLevel, undefined);
  assert.equal(parseConfiguration('{"log_level": "warning"}', "c.json").logLevel, 2);
});

// What is wrong, and where: line and column count from 1.
for (const [text, place, message, key] of [
  ["", "1:1", "it is not JSON (value expected)", undefined],
  ['{"log_level": 1,\n}', "2:1", "it is not JSON (property name expected)", undefined],
  ['{\n  "log_level": 1 // low\n}', "2:18", "it is not JSON (invalid comment token)", undefined],
  ['{\n  "log_level": 1\n', "3:1", "it is not JSON (close brace expected)", undefined],
  ["[]", "1:1", "its content is [], not an object", ""],
  ["null", "1:1", "its content is null, not an object", ""],
  ['{\n  "default_options": {\n    "tcp": true\n  }\n}', "3:5", "`default_options.tcp` is no key of it", "default_options.tcp"],
  ['{"colour": 1}', "1:2", "`colour` is no key of it", "colour"],
  ['{"__proto__": {}}', "1:2", "`__proto__` is no key of it", "__proto__"],
  [
    '{\n "default_options": {"file_locks": "yes"}}',
    "2:36",
    '`default_options.file_locks` is "yes", not true or false',
    "default_options.file_locks",
  ],
  ['{"default_options": true}', "1:21", "`default_options` is true, not an object", "default_options"],
  ['{"work_dir": "tmp"}', "1:14", '`work_dir` is "tmp", not an absolute path', "work_dir"],
  ['{"work_dir": "/a\\u0000b"}', "1:14", '`work_dir` is "/a\\u0000b", not an absolute path', "work_dir"],
  ['{"criu_binary": null}', "1:17", "`criu_binary` is null, not an absolute path", "criu_binary"],
  ['{"log_level": 5}', "1:15", "`log_level` is 5, not a number from 0 to 4, or one of error, warning, info, debug", "log_level"],
  ['{"log_level": 1,\n "log_level": 2}', "2:2", "`log_level` is there twice", "log_level"],
] as const) {
  test(`configuration: ${JSON.stringify(text)} is refused at ${place}`, () => {
    assert.throws(
      () => parseConfiguration(text, "/etc/c.json"),
      (error: MigrationError) => {
        assert.equal(error.code, "config-invalid");
        assert.equal(error.message, `/etc/c.json:${place}: ${message}`);
        assert.equal(`${error.details.line}:${error.details.column}`, place);
        assert.equal(error.details.key, key);
        return true;
      },
    );
  });
}

test("configuration: an unknown key's remedy lists those that are known there", () => {
  const remedy = (text: string) => {
    try {
      parseConfiguration(text, "c.json");
    } catch (error) {
      return (error as MigrationError).remedy;
    }
    return undefined;
  };
  assert.match(remedy('{"x": 1}') ?? "", /default_options, checkpoint_dir, work_dir, criu_binary, log_level/);
  assert.match(
    remedy('{"default_options": {"x": 1}}') ?? "",
    /leave_running, tcp_established, shell_job, ext_unix_sk, file_locks/,
  );
});
