/**
 * ARM64 registers.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";

export const userAarch64RegsEntry = message("user_aarch64_regs_entry", {
  regs: repeated(1, "uint64"), // 31 u64: X0..X30
  sp: required(2, "uint64"),
  pc: required(3, "uint64"),
  pstate: required(4, "uint64"),
});
export type UserAarch64RegsEntry = MessageOf<typeof userAarch64RegsEntry>;

export const userAarch64FpsimdContextEntry = message("user_aarch64_fpsimd_context_entry", {
  vregs: repeated(1, "uint64"), // 64 u64: V0..V31 (two per register)
  fpsr: required(2, "uint32"),
  fpcr: required(3, "uint32"),
});
export type UserAarch64FpsimdContextEntry = MessageOf<typeof userAarch64FpsimdContextEntry>;

export const pacAddressKeys = message("pac_address_keys", {
  apiakey_lo: required(1, "uint64"),
  apiakey_hi: required(2, "uint64"),
  apibkey_lo: required(3, "uint64"),
  apibkey_hi: required(4, "uint64"),
  apdakey_lo: required(5, "uint64"),
  apdakey_hi: required(6, "uint64"),
  apdbkey_lo: required(7, "uint64"),
  apdbkey_hi: required(8, "uint64"),
  pac_enabled_key: required(9, "uint64"),
});
export type PacAddressKeys = MessageOf<typeof pacAddressKeys>;

export const pacGenericKeys = message("pac_generic_keys", {
  apgakey_lo: required(1, "uint64"),
  apgakey_hi: required(2, "uint64"),
});
export type PacGenericKeys = MessageOf<typeof pacGenericKeys>;

export const pacKeys = message("pac_keys", {
  pac_address_keys: optional(6, pacAddressKeys),
  pac_generic_keys: optional(7, pacGenericKeys),
});
export type PacKeys = MessageOf<typeof pacKeys>;

export const threadInfoAarch64 = message("thread_info_aarch64", {
  clear_tid_addr: required(1, "uint64"),
  tls: required(2, "uint64"), // TPIDR_EL0
  gpregs: required(3, userAarch64RegsEntry),
  fpsimd: required(4, userAarch64FpsimdContextEntry),
  pac_keys: optional(5, pacKeys), // pointer-authentication keys
});
export type ThreadInfoAarch64 = MessageOf<typeof threadInfoAarch64>;
