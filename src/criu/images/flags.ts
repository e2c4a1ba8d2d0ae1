/** Bits and states that CRIU stores as plain integers (CRIU v4.2: criu/include/image.h, criu/include/pagemap.h, compel task-state.h). */

/** `pagemap_entry.flags` */
export const pagemapFlag = { PARENT: 1, LAZY: 2, PRESENT: 4 } as const;

/** `vma_entry.status` */
export const vmaStatus = {
  REGULAR: 1 << 0,
  STACK: 1 << 1,
  VSYSCALL: 1 << 2,
  VDSO: 1 << 3,
  HEAP: 1 << 5,
  FILE_PRIVATE: 1 << 6,
  FILE_SHARED: 1 << 7,
  ANON_SHARED: 1 << 8,
  ANON_PRIVATE: 1 << 9,
  SYSVIPC: 1 << 10,
  SOCKET: 1 << 11,
  VVAR: 1 << 12,
  AIORING: 1 << 13,
  MEMFD: 1 << 14,
  SHSTK: 1 << 15,
  GUARD: 1 << 16,
  UPROBES: 1 << 17,
  EXT_PLUGIN: 1 << 27,
} as const;

/** `task_core_entry.task_state` */
export const taskState = { ALIVE: 1, DEAD: 2, STOPPED: 3, ZOMBIE: 6 } as const;

/** All images that this project writes or reads have pages of 4096 bytes: x86_64 has no other base page size. */
export const pageSize = 4096;
