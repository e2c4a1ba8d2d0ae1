/**
 * Seccomp filters and AppArmor policies.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import {
  type HasUnknownFields,
  type MessageOf,
  type MessageSchema,
  message,
  optional,
  repeated,
  required,
} from "../../protobuf/schema.ts";

export const seccompFilter = message("seccomp_filter", {
  filter: required(1, "bytes"), // BPF program bytes
  prev: optional(2, "uint32"), // index of the previous filter in the chain
  flags: optional(3, "uint32"),
});
export type SeccompFilter = MessageOf<typeof seccompFilter>;

export const seccompEntry = message("seccomp_entry", {
  seccomp_filters: repeated(1, seccompFilter),
});
export type SeccompEntry = MessageOf<typeof seccompEntry>;

export const aaPolicy = message("aa_policy", {
  name: required(1, "string"),
  blob: required(2, "bytes"),
});
export type AaPolicy = MessageOf<typeof aaPolicy>;

/** Written out, as it contains itself. */
export interface AaNamespace extends HasUnknownFields {
  readonly name: string;
  readonly policies: readonly AaPolicy[];
  readonly namespaces: readonly AaNamespace[];
}
export const aaNamespace: MessageSchema<AaNamespace> = message("aa_namespace", {
  name: required(1, "string"),
  policies: repeated(2, aaPolicy),
  namespaces: repeated(3, (): MessageSchema<AaNamespace> => aaNamespace),
});

export const apparmorEntry = message("apparmor_entry", {
  namespaces: repeated(1, aaNamespace),
});
export type ApparmorEntry = MessageOf<typeof apparmorEntry>;
