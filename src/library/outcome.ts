import { MigrationError } from "../errors.ts";

/** What came of something that may fail in an expected way. */
export type Outcome<Value extends object> =
  | ({ readonly success: true } & Value)
  | { readonly success: false; readonly error: MigrationError };

/** Makes a result of an expected failure. Others are defects, and thrown as they are. */
export async function outcomeOf<Value extends object>(work: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { success: true, ...(await work()) };
  } catch (error) {
    if (error instanceof MigrationError) return { success: false, error };
    throw error;
  }
}
