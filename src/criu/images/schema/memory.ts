/**
 * Address spaces: mappings, and which of their pages are in the pages file.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";

export const vmaEntry = message("vma_entry", {
  start: required(1, "uint64"), // first address
  end: required(2, "uint64"), // one past last
  pgoff: required(3, "uint64"), // file offset IN BYTES for file mappings (CRIU stores bytes, from /proc/pid/smaps offset)
  shmid: required(4, "uint64"), // file mappings: id of the file in files.img; shared anonymous: shmem id (names pagemap-shmem-<id>.img); SysV: segment id
  prot: required(5, "uint32"), // PROT_* bits 1 read 2 write 4 exec
  flags: required(6, "uint32"), // MAP_* bits (1 shared, 2 private, 0x20 anonymous, 0x100 growsdown, 0x2000 locked, 0x40000 hugetlb)
  status: required(7, "uint32"), // VMA_* bits, section 4
  fd: required(8, "sint64"), // unused, -1
  madv: optional(9, "uint64"), // bit n = madvise(n) applies
  fdflags: optional(10, "uint32"), // open flags to map the file with (O_RDONLY/O_RDWR)
});
export type VmaEntry = MessageOf<typeof vmaEntry>;

export const aioRingEntry = message("aio_ring_entry", {
  id: required(1, "uint64"), // ring address
  nr_req: required(2, "uint32"),
  ring_len: required(3, "uint32"),
});
export type AioRingEntry = MessageOf<typeof aioRingEntry>;

export const mmEntry = message("mm_entry", {
  mm_start_code: required(1, "uint64"),
  mm_end_code: required(2, "uint64"),
  mm_start_data: required(3, "uint64"),
  mm_end_data: required(4, "uint64"),
  mm_start_stack: required(5, "uint64"),
  mm_start_brk: required(6, "uint64"), // heap start
  mm_brk: required(7, "uint64"), // current break (asked from the task)
  mm_arg_start: required(8, "uint64"), // argv strings
  mm_arg_end: required(9, "uint64"),
  mm_env_start: required(10, "uint64"),
  mm_env_end: required(11, "uint64"),
  exe_file_id: required(12, "uint32"), // file id (files.img) of /proc/pid/exe
  mm_saved_auxv: repeated(13, "uint64"), // auxv as a flat array of 44 u64 on x86 (type, value pairs, AT_NULL-ended, zero-padded)
  vmas: repeated(14, vmaEntry), // all mappings in address order (guard pseudo-VMAs last)
  dumpable: optional(15, "int32"), // PR_SET_DUMPABLE
  aios: repeated(16, aioRingEntry), // AIO rings
  thp_disabled: optional(17, "bool"), // PR_SET_THP_DISABLE
});
export type MmEntry = MessageOf<typeof mmEntry>;

export const pagemapHead = message("pagemap_head", {
  pages_id: required(1, "uint32"), // the page data is in pages-<pages_id>.img
});
export type PagemapHead = MessageOf<typeof pagemapHead>;

export const pagemapEntry = message("pagemap_entry", {
  vaddr: required(1, "uint64"), // start address (for shmem: byte offset in the segment)
  compat_nr_pages: required(2, "uint32"), // 32-bit page count of old images; new CRIU writes 0 here and sets nr_pages
  in_parent: optional(3, "bool"), // old images: page run is in the parent image
  flags: optional(4, "uint32"), // PE_* bits, section 4
  nr_pages: optional(5, "uint64"), // page count (4 KiB pages on x86); authoritative when present
});
export type PagemapEntry = MessageOf<typeof pagemapEntry>;

export const memfdInodeEntry = message("memfd_inode_entry", {
  name: required(1, "string"),
  uid: required(2, "uint32"),
  gid: required(3, "uint32"),
  size: required(4, "uint64"),
  shmid: required(5, "uint32"), // content: pagemap-shmem-<shmid>.img
  seals: required(6, "uint32"), // F_SEAL_*
  inode_id: required(7, "uint64"),
  hugetlb_flag: optional(8, "uint32"),
  mode: optional(9, "uint32"),
});
export type MemfdInodeEntry = MessageOf<typeof memfdInodeEntry>;
