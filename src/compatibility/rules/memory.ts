import { liveRule, type Rule } from "../rule.ts";
import { called, carried } from "./processes.ts";
import { together } from "./words.ts";

const asynchronousIo = liveRule({
  name: "memory.asynchronous-io",
  severity: "blocker",
  why: "Operations that the kernel has begun for the process (io_setup, io_uring) would be lost.",
  remedy:
    "Switch asynchronous I/O off in the program's configuration. Where io_uring can't be had (Docker's profile forbids it since version 25), Node.js and others do without.",
  see: (live) =>
    carried(live).flatMap((process) => [
      ...(process.specialMappings.includes("/[aio] (deleted)") ? [`${called(process)} uses Linux AIO (io_setup)`] : []),
      ...(process.descriptors.some(({ target }) => target === "anon_inode:[io_uring]")
        ? [`${called(process)} uses io_uring`]
        : []),
    ]),
});

const hugePages = liveRule({
  name: "memory.huge-pages",
  severity: "blocker",
  why: "Memory in huge pages (hugetlb) is not carried. Transparent huge pages are.",
  remedy: "Switch huge pages off in the program's configuration.",
  see: (live) =>
    carried(live)
      .filter(({ hugePageBytes, specialMappings }) => hugePageBytes > 0 || specialMappings.includes("/anon_hugepage (deleted)"))
      .map((process) => `${called(process)} uses huge pages`),
});

const devices = liveRule({
  name: "memory.device",
  severity: "blocker",
  why: "The memory of a device stays where the device is.",
  remedy: "Run the program without that device (GPU, /dev/mem).",
  see: (live) =>
    together(
      "device memory",
      mappings(live)
        .filter(
          (name) =>
            /^(anon_inode:|socket:)/.test(name) ||
            (name.startsWith("/dev/") && !name.startsWith("/dev/shm/") && !/^\/dev\/zero\b/.test(name)),
        )
        .filter((name) => name !== "anon_inode:[io_uring]"),
    ),
});

function mappings(live: Parameters<typeof carried>[0]): string[] {
  return carried(live).flatMap(({ specialMappings, executable, workingDirectory }) =>
    [...specialMappings, executable, workingDirectory].filter((name) => name !== ""),
  );
}

export const memoryRules: readonly Rule[] = [asynchronousIo, hugePages, devices];
