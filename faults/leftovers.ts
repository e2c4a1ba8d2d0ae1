import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalHost } from "../src/host/local.ts";
import { processesNaming } from "../src/migration/recovery/orphans.ts";
import { container, image, type Place, volume } from "./counter.ts";

/** What a container that was moved needs on its machine for its next starts; it stays. */
const kept =
  /^\/var\/lib\/migrate-container(\/(runtime|restore-runtime|incoming|pending|resumed|(clocks|makers)(\/[0-9a-f]{64})?|claims|criu(\/.*)?))?$/;

/** What the tool has left on a machine that it should not have, by path or name. */
export async function leftOnTarget({ run }: Place, isMoved: boolean): Promise<string[]> {
  const files = lines(await run("find /var/lib/migrate-container -mindepth 1 2>/dev/null || true"));
  const containers = lines(await run(`docker ps --all --format '{{.Names}}' --filter label=migrate-container.move`));
  const images = lines(await run(`docker images --format '{{.Repository}}:{{.Tag}}'`));
  const runtimes = lines(await run("grep -o 'migrate-container[a-z-]*\":' /etc/docker/daemon.json 2>/dev/null || true"));
  const volumes = lines(await run("docker volume ls --quiet")).filter((name) => name === volume);
  if (!isMoved) return [...files, ...containers, ...volumes, ...images.filter((name) => name === image), ...runtimes];
  return [
    ...files.filter((path) => !kept.test(path) && !/^\/var\/lib\/migrate-container\/resumed\/[0-9a-f]{64}(\/|$)/.test(path)),
    ...containers.filter((name) => name !== container),
  ];
}

/** The same for this machine: what `leftInState` finds, and folders for sockets. */
export async function leftOnSource(stateFolder: string): Promise<string[]> {
  const folders = (await readdir(tmpdir())).filter((name) => {
    const pid = /^migrate-(\d+)-\d+-\w{6}$/.exec(name)?.[1];
    return pid !== undefined && !processExists(Number(pid));
  });
  return [...(await leftInState(stateFolder)), ...folders];
}

/** State other than journals, and processes that work for a move. */
export async function leftInState(stateFolder: string): Promise<string[]> {
  const tool = join(stateFolder, "migrate-container");
  const files = existsSync(tool) ? await readdir(tool, { recursive: true, withFileTypes: true }) : [];
  const inState = files.filter((file) => !file.isDirectory() || /^[0-9]{14}-/.test(file.name));
  const processes = await processesNaming(openLocalHost(), join(tool, "work"));
  return [
    ...inState.filter(({ name }) => !name.endsWith(".jsonl")).map(({ parentPath, name }) => join(parentPath, name)),
    ...processes.map((pid) => `process ${pid}`),
  ];
}

/** Makes the target as if nothing had ever been moved there, by this run or an earlier one. */
export async function resetTarget({ run }: Place): Promise<void> {
  await run(
    `docker rm --force --volumes ${container} $(docker ps --all --quiet --filter label=migrate-container.move) >/dev/null 2>&1; docker image rm --force ${image} >/dev/null 2>&1
     docker volume ls --quiet --filter name=migrate-container-fault | xargs -r docker volume rm --force >/dev/null 2>&1
     rm -rf /var/lib/migrate-container/*
     if grep -q migrate-container /etc/docker/daemon.json 2>/dev/null; then echo '{"runtimes":{}}' >/etc/docker/daemon.json; kill -HUP $(pidof dockerd); sleep 0.5; rm /etc/docker/daemon.json; fi`,
  );
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
