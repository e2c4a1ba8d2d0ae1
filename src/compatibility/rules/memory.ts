import { liveRule, type Rule } from "../rule.ts";
import { called, carried } from "./processes.ts";
import { together } from "./words.ts";

const ioUring = liveRule({
  name: "memory.io-uring",
  severity: "blocker",
  why: "Operations that the kernel has begun for the process would be lost, and CRIU can't dump an io_uring.",
  remedy:
    "Switch it off in the program's configuration. Where io_uring can't be had (Docker's profile forbids it since version 25), Node.js and others do without.",
  see: (live) =>
    carried(live)
      .filter(({ descriptors }) => descriptors.some(({ target }) => target === "anon_inode:[io_uring]"))
      .map((process) => `${called(process)} uses io_uring`),
});

const asynchronousIo = liveRule({
  name: "memory.asynchronous-io",
  severity: "blocker",
  strategies: ["resume"],
  why: "The ring of Linux AIO is not made anew. CRIU restores it.",
  remedy: "Switch asynchronous I/O off in the program's configuration.",
  see: (live) =>
    carried(live)
      .filter(({ specialMappings }) => specialMappings.includes("/[aio] (deleted)"))
      .map((process) => `${called(process)} uses Linux AIO (io_setup)`),
});

const hugePages = liveRule({
  name: "memory.huge-pages",
  severity: "blocker",
  strategies: ["resume"],
  why: "Memory in huge pages (hugetlb) is not made anew; CRIU restores it. Transparent huge pages are carried.",
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
            name.startsWith("anon_inode:") ||
            (name.startsWith("/dev/") && !name.startsWith("/dev/shm/") && !/^\/dev\/zero\b/.test(name)),
        )
        .filter((name) => name !== "anon_inode:[io_uring]"),
    ),
});

const packetRings = liveRule({
  name: "memory.packet-ring",
  severity: "blocker",
  strategies: ["resume"],
  why: "The ring of packets that a packet socket shares with the kernel is not made anew. CRIU restores it.",
  remedy: "End the program that captures packets.",
  see: (live) =>
    carried(live)
      .filter(({ specialMappings }) => specialMappings.some((name) => name.startsWith("socket:")))
      .map((process) => `${called(process)} has mapped a socket`),
});

function mappings(live: Parameters<typeof carried>[0]): string[] {
  return carried(live).flatMap(({ specialMappings, executable, workingDirectory }) =>
    [...specialMappings, executable, workingDirectory].filter((name) => name !== ""),
  );
}

export const memoryRules: readonly Rule[] = [ioUring, asynchronousIo, hugePages, devices, packetRings];
