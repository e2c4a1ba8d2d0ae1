/** A container's name as people write it: Docker's API puts a slash before it. */
export function plainName(name: string): string {
  return name.replace(/^\//, "");
}
