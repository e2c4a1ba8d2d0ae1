/**
 * Control groups.
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

export const cgMemberEntry = message("cg_member_entry", {
  name: required(1, "string"),
  path: required(2, "string"),
  cgns_prefix: optional(3, "uint32"),
});
export type CgMemberEntry = MessageOf<typeof cgMemberEntry>;

export const cgSetEntry = message("cg_set_entry", {
  id: required(1, "uint32"),
  ctls: repeated(2, cgMemberEntry),
});
export type CgSetEntry = MessageOf<typeof cgSetEntry>;

export const cgroupPerms = message("cgroup_perms", {
  mode: required(1, "uint32"),
  uid: required(2, "uint32"),
  gid: required(3, "uint32"),
});
export type CgroupPerms = MessageOf<typeof cgroupPerms>;

export const cgroupPropEntry = message("cgroup_prop_entry", {
  name: required(1, "string"),
  value: required(2, "string"),
  perms: optional(3, cgroupPerms),
});
export type CgroupPropEntry = MessageOf<typeof cgroupPropEntry>;

/** Written out, as it contains itself. */
export interface CgroupDirEntry extends HasUnknownFields {
  readonly dir_name: string;
  readonly children: readonly CgroupDirEntry[];
  readonly properties: readonly CgroupPropEntry[];
  readonly dir_perms?: CgroupPerms | undefined;
}
export const cgroupDirEntry: MessageSchema<CgroupDirEntry> = message("cgroup_dir_entry", {
  dir_name: required(1, "string"),
  children: repeated(2, (): MessageSchema<CgroupDirEntry> => cgroupDirEntry),
  properties: repeated(3, cgroupPropEntry),
  dir_perms: optional(4, cgroupPerms),
});

export const cgControllerEntry = message("cg_controller_entry", {
  cnames: repeated(1, "string"),
  dirs: repeated(2, cgroupDirEntry),
  is_threaded: optional(3, "bool"),
});
export type CgControllerEntry = MessageOf<typeof cgControllerEntry>;

export const cgroupEntry = message("cgroup_entry", {
  sets: repeated(1, cgSetEntry),
  controllers: repeated(2, cgControllerEntry),
});
export type CgroupEntry = MessageOf<typeof cgroupEntry>;
