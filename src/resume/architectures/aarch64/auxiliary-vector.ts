/** A value of the auxiliary vector, which CRIU keeps as pairs of a type and a value. */
export function auxiliary(vector: readonly bigint[], type: bigint): bigint | undefined {
  for (let index = 0; index + 1 < vector.length; index += 2) if (vector[index] === type) return vector[index + 1];
  return undefined;
}
