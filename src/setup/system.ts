import { linesOf, splitSections } from "../compatibility/reading/sections.ts";
import type { Host } from "../host/host.ts";
import { systemScript } from "./system-script.ts";

/** What brings services up when the machine starts, as far as an entry for binfmt_misc can be handed to it. */
export type Init = "systemd" | "openrc" | "sysv" | "service.d";

/** What a machine's system is. */
export interface SystemFacts {
  readonly kind: "linux" | "android";
  /** `Debian GNU/Linux 13 (trixie)`, `Android 14`; empty when it does not say. */
  readonly name: string;
  /** Whether packages can be installed with apt. */
  readonly hasApt: boolean;
  /** The version of crun that apt would install: `1.21-1`. Undefined when it would install none. */
  readonly crunCandidate: string | undefined;
  /** Undefined: none that is known; on Android `service.d` is Magisk's or KernelSU's. */
  readonly init: Init | undefined;
  readonly hasDockerd: boolean;
  /** The version of Podman that is installed: `5.4.2`. */
  readonly podman: string | undefined;
  /** Whether there is /etc/init.d/docker. */
  readonly hasDockerScript: boolean;
  /** Whether binfmt_misc is mounted, or can be by the kernel's module. */
  readonly binfmt: "mounted" | "loadable" | "none";
  /** Whether something registers an x86_64 emulator when the machine starts. */
  readonly emulatorAtBoot: boolean;
  /** Mode in octal and owner of the folders that exist. */
  readonly folders: ReadonlyMap<string, { readonly mode: string; readonly uid: number }>;
}

/** @param folders whose mode and owner are wanted */
export async function readSystemFacts(host: Host, folders: readonly string[], signal?: AbortSignal): Promise<SystemFacts> {
  const marker = `@@${crypto.randomUUID()}`;
  return parseSystem(await host.script(systemScript, [marker, ...folders], { signal }), marker, folders);
}

/** @param text what the script printed */
export function parseSystem(text: string, marker: string, folders: readonly string[]): SystemFacts {
  const section = splitSections(text, marker);
  const isAndroid = section("android") !== "";
  const programs = linesOf(section("programs"));
  const has = (name: string) => programs.includes(name);
  const init = linesOf(section("init"))[0];
  return {
    kind: isAndroid ? "android" : "linux",
    name: isAndroid ? `Android ${section("android").trim()}` : (/^PRETTY_NAME="?(.*?)"?$/m.exec(section("release"))?.[1] ?? ""),
    hasApt: !isAndroid && has("apt-get"),
    crunCandidate: /^(\d.*)$/m.exec(section("crun"))?.[1],
    init: isInit(init) ? init : undefined,
    hasDockerd: has("dockerd"),
    podman: /^podman version (\d\S*)$/m.exec(section("podman"))?.[1],
    hasDockerScript: section("docker-script").trim() === "yes",
    binfmt: section("binfmt").trim() === "yes" ? "mounted" : has("modprobe") || isAndroid ? "loadable" : "none",
    // The magic of x86_64 programs in a line that systemd-binfmt, binfmt-support or a script of ours registers.
    emulatorAtBoot: linesOf(section("boot")).some((line) => /\\x3e\\x00/.test(line) && !line.startsWith("#")),
    folders: new Map(
      folders.flatMap((folder) => {
        const [, mode, uid] = /^(\d+) (\d+)$/m.exec(section(`folder ${folder}`)) ?? [];
        return mode === undefined ? [] : [[folder, { mode, uid: Number(uid) }]];
      }),
    ),
  };
}

function isInit(word: string | undefined): word is Init {
  return word === "systemd" || word === "openrc" || word === "sysv" || word === "service.d";
}
