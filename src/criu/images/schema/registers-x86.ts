/**
 * x86 registers (32 and 64 bit).
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";
import { userX86RegsMode } from "./enums.ts";

export const userX86RegsEntry = message("user_x86_regs_entry", {
  r15: required(1, "uint64"),
  r14: required(2, "uint64"),
  r13: required(3, "uint64"),
  r12: required(4, "uint64"),
  bp: required(5, "uint64"),
  bx: required(6, "uint64"),
  r11: required(7, "uint64"),
  r10: required(8, "uint64"),
  r9: required(9, "uint64"),
  r8: required(10, "uint64"),
  ax: required(11, "uint64"), // syscall result or restart value (see 5.2)
  cx: required(12, "uint64"),
  dx: required(13, "uint64"),
  si: required(14, "uint64"),
  di: required(15, "uint64"),
  orig_ax: required(16, "uint64"), // syscall number when stopped in a syscall, else -1 (as u64)
  ip: required(17, "uint64"), // program counter (already moved back by 2 for a syscall to restart)
  cs: required(18, "uint64"), // 0x33 native, 0x23 compat
  flags: required(19, "uint64"), // rflags
  sp: required(20, "uint64"), // stack pointer
  ss: required(21, "uint64"),
  fs_base: required(22, "uint64"), // FS base = TLS pointer of 64-bit tasks
  gs_base: required(23, "uint64"), // GS base
  ds: required(24, "uint64"),
  es: required(25, "uint64"),
  fs: required(26, "uint64"),
  gs: required(27, "uint64"),
  mode: optional(28, userX86RegsMode), // NATIVE = 64-bit, COMPAT = 32-bit task (default NATIVE)
});
export type UserX86RegsEntry = MessageOf<typeof userX86RegsEntry>;

export const userX86CetEntry = message("user_x86_cet_entry", {
  cet: required(1, "uint64"), // MSR_IA32_U_CET
  ssp: required(2, "uint64"), // shadow stack pointer
});
export type UserX86CetEntry = MessageOf<typeof userX86CetEntry>;

export const userX86XsaveEntry = message("user_x86_xsave_entry", {
  xstate_bv: required(1, "uint64"), // which components hold non-initial state (bit 0 x87, 1 SSE, 2 AVX, 3-4 MPX, 5-7 AVX-512, 9 PKRU, 11 CET_U)
  ymmh_space: repeated(2, "uint32"), // 64 u32: upper 128 bits of YMM0..15
  bndreg_state: repeated(3, "uint64"), // MPX BND0-3
  bndcsr_state: repeated(4, "uint64"), // MPX BNDCFGU/STATUS
  opmask_reg: repeated(5, "uint64"), // 8 u64: k0..k7
  zmm_upper: repeated(6, "uint64"), // 64 u64: upper 256 bits of ZMM0..15
  hi16_zmm: repeated(7, "uint64"), // 128 u64: ZMM16..31
  pkru: repeated(8, "uint32"), // protection-key rights
  cet: optional(9, userX86CetEntry), // shadow-stack state
});
export type UserX86XsaveEntry = MessageOf<typeof userX86XsaveEntry>;

export const userX86FpregsEntry = message("user_x86_fpregs_entry", {
  cwd: required(1, "uint32"), // x87 control word
  swd: required(2, "uint32"), // x87 status word
  twd: required(3, "uint32"), // x87 abridged tag word (FXSAVE form)
  fop: required(4, "uint32"), // last x87 opcode
  rip: required(5, "uint64"), // x87 last instruction pointer
  rdp: required(6, "uint64"), // x87 last data pointer
  mxcsr: required(7, "uint32"), // SSE control/status
  mxcsr_mask: required(8, "uint32"),
  st_space: repeated(9, "uint32"), // 32 u32 = 8 x 16 bytes: ST0..ST7 / MM0..MM7
  xmm_space: repeated(10, "uint32"), // 64 u32 = 16 x 16 bytes: XMM0..XMM15
  padding: repeated(11, "uint32"), // legacy
  xsave: optional(13, userX86XsaveEntry), // extended state
});
export type UserX86FpregsEntry = MessageOf<typeof userX86FpregsEntry>;

export const userDescT = message("user_desc_t", {
  entry_number: required(1, "uint32"), // GDT slot
  base_addr: required(2, "uint32"), // 32-bit base
  limit: required(3, "uint32"),
  seg_32bit: required(4, "bool"),
  contents_h: required(5, "bool"),
  contents_l: required(6, "bool"),
  read_exec_only: required(7, "bool"), // (default true)
  limit_in_pages: required(8, "bool"),
  seg_not_present: required(9, "bool"), // true = empty slot (default true)
  usable: required(10, "bool"),
});
export type UserDescT = MessageOf<typeof userDescT>;

export const threadInfoX86 = message("thread_info_x86", {
  clear_tid_addr: required(1, "uint64"), // address passed to set_tid_address (cleared and futex-woken at thread exit)
  gpregs: required(2, userX86RegsEntry), // general registers
  fpregs: required(3, userX86FpregsEntry), // FXSAVE area + XSAVE extension
  tls: repeated(4, userDescT), // 3 GDT TLS slots (32-bit tasks; unused slots have seg_not_present)
});
export type ThreadInfoX86 = MessageOf<typeof threadInfoX86>;
