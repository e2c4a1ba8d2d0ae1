/** What a container wrote, taken apart. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  /** Both as they came. */
  readonly both: string;
}

const headerLength = 8;

/**
 * Takes apart Docker's multiplexed output: frames of {stream, 0, 0, 0, length (32-bit, big-endian)} and data.
 * https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export function splitFrames(bytes: Buffer): Output {
  const parts: { stream: number; data: Buffer }[] = [];
  for (let offset = 0; offset + headerLength <= bytes.length; ) {
    const end = offset + headerLength + bytes.readUInt32BE(offset + 4);
    parts.push({ stream: bytes.readUInt8(offset), data: bytes.subarray(offset + headerLength, end) });
    offset = end;
  }
  const joined = (wanted: (stream: number) => boolean) =>
    Buffer.concat(parts.filter(({ stream }) => wanted(stream)).map(({ data }) => data)).toString();
  return { stdout: joined((stream) => stream !== 2), stderr: joined((stream) => stream === 2), both: joined(() => true) };
}
