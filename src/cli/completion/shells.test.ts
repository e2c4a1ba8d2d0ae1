import assert from "node:assert/strict";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { openSandbox, type Sandbox } from "../../engine/docker/testing/sandbox.ts";

const launcher = fileURLToPath(new URL("../../../bin/migrate-container", import.meta.url));
let folder: string;
let env: Record<string, string>;
let sandbox: Sandbox;
let container: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "completion-"));
  await symlink(launcher, join(folder, "migrate-container"));
  const sshConfig = join(folder, "ssh_config");
  await writeFile(sshConfig, "Host board-1 board-2\n  Port 23\nHost *\n  User root\n");
  const path = [folder, dirname(process.execPath), process.env.PATH].join(delimiter);
  env = { PATH: path, MIGRATE_CONTAINER_SSH_CONFIG: sshConfig };
  sandbox = await openSandbox();
  container = sandbox.name();
  await sandbox.run(["sleep", "1000"], { name: container });
});
after(async () => {
  await sandbox?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

// A real interactive shell, to which Tab is typed: only so the splitting of words, the line editor's replacing and `compopt` take part.
const typing = `
import os, pty, re, sys
line, prepare, *shell = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(shell[0], shell)
def wait_for(pattern):
    text = ""
    while not re.search(pattern, text):
        text += os.read(terminal, 65536).decode()
    return re.search(pattern, text)
os.write(terminal, prepare.encode() + b"; echo rea''dy\\n")
wait_for("ready\\r")
os.write(terminal, line.encode() + b"\\t\\x18p")
print(wait_for("<(.*)>end").group(1))
`;

/** How each shell is started without its users' settings, and told to show its line when Ctrl-X p is typed. */
const interactive = {
  bash: {
    words: ["bash", "--norc", "--noprofile", "-i"],
    prepare: `bind 'set enable-bracketed-paste off'; bind -x '"\\C-xp": printf "<%s>%s" "$READLINE_LINE" end'; source <(migrate-container completion bash)`,
  },
  zsh: {
    words: ["zsh", "-f", "-i"],
    prepare: `PS1='> '; unset zle_bracketed_paste; autoload -Uz compinit; compinit -D -u; show() { print -rn -- "<$BUFFER>end" }; zle -N show; bindkey '^Xp' show; source <(migrate-container completion zsh)`,
  },
} as const;

async function completedBy(shell: keyof typeof interactive, line: string): Promise<string> {
  const { words, prepare } = interactive[shell];
  const { stdout } = await execa("python3", ["-c", typing, line, prepare, ...words], { cwd: folder, env, timeout: 30_000 });
  return stdout;
}

for (const [typed, completed] of [
  ["migrate-container mig", "migrate-container migrate "],
  ["migrate-container check --ss", "migrate-container check --ssh-config "],
  ["migrate-container migrate web --leave-source st", "migrate-container migrate web --leave-source stopped "],
  ["migrate-container migrate web --leave-source=r", "migrate-container migrate web --leave-source=removed "],
  ["migrate-container migrate web boa", "migrate-container migrate web board-"],
  ["migrate-container migrate web ssh://board-2", "migrate-container migrate web ssh://board-2 "],
  ["migrate-container migrate web ssh://b", "migrate-container migrate web ssh://board-"],
  ["migrate-container check --config ssh_c", "migrate-container check --config ssh_config "],
  ["migrate-container migrate web --timeout ", "migrate-container migrate web --timeout "],
  ["true; migrate-container set", "true; migrate-container setup "],
] as const) {
  test(`completion: bash makes ${JSON.stringify(completed)} of ${JSON.stringify(typed)}`, async () => {
    assert.equal(await completedBy("bash", typed), completed);
  });
}

test("completion: bash completes a running container's name", async () => {
  assert.match(await completedBy("bash", `migrate-container migrate ${container.slice(0, -2)}`), new RegExp(` ${container} `));
});

for (const [typed, completed] of [
  ["migrate-container mig", "migrate-container migrate "],
  ["migrate-container check --ssh-c", "migrate-container check --ssh-config "],
  ["migrate-container migrate web --leave-source st", "migrate-container migrate web --leave-source stopped "],
  ["migrate-container migrate web ssh://board-2", "migrate-container migrate web ssh://board-2 "],
] as const) {
  test(`completion: zsh makes ${JSON.stringify(completed)} of ${JSON.stringify(typed)}`, async () => {
    assert.equal(await completedBy("zsh", typed), completed);
  });
}

test("completion: fish completes a choice", async () => {
  const script = join(folder, "fish");
  await writeFile(script, (await execa("migrate-container", ["completion", "fish"], { env })).stdout);
  const words = ["-c", "source $argv[1]; complete -C 'migrate-container migrate web --leave-source st'", script];
  const { stdout, stderr } = await execa("fish", words, { env });
  assert.match(stdout, /^stopped$/m);
  assert.equal(stderr, "");
});
