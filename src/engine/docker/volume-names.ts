/** Whether Docker has named a volume itself, as it does where the user gives no name: on each machine anew. */
export function isAnonymous(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}
