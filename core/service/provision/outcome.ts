/**
 * How provisioning answers: a value, or a refusal in one sentence for a person. And the loop
 * that decides again when the records changed between reading and writing.
 */
import type { Change, DirectoryStore } from '../../mail/ports/directory-store.ts';

export interface Refused {
  readonly refused: string;
}

export type Outcome<Value> = { readonly done: Value } | Refused;

/** What shall be written, and what to answer when it was. No changes: it is so already. */
export type Plan<Value> = { readonly changes: readonly Change[]; readonly done: Value } | Refused;

/** Losing this often needs many administrators on one record at once. */
const maxAttempts = 8;

export function refuse(sentence: string): Refused {
  return { refused: sentence };
}

/** Plans on fresh records and commits, again after every lost race. Throws what the store throws. */
export async function carryOut<Value>(
  store: DirectoryStore,
  plan: () => Promise<Plan<Value>>,
): Promise<Outcome<Value>> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const planned = await plan();
    if ('refused' in planned) return planned;
    if (planned.changes.length === 0 || (await store.commit(planned.changes))) return { done: planned.done };
  }
  throw new Error(`the directory changed ${maxAttempts} times while it was being changed`);
}
