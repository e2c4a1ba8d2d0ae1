/** How a value lies on the wire (https://protobuf.dev/programming-guides/encoding/). Groups (3, 4) do not occur in CRIU's images. */
export const wireType = { VARINT: 0, FIXED64: 1, LENGTH_DELIMITED: 2, FIXED32: 5 } as const;

export const largestUint32 = 0xffff_ffff;
