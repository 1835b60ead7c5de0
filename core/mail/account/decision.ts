/**
 * What deciding means: a state and a wish give an entry to append, nothing, or a refusal. Each
 * decide-*.ts is one wish; all are pure, so a lost race is answered by deciding again.
 */
import type { EntryBody } from './entry.ts';

/** Why nothing was done; the protocols map the code to their own reply. */
export interface Refusal {
  readonly code:
    | 'NONEXISTENT'
    | 'ALREADYEXISTS'
    | 'OVERQUOTA'
    | 'TRYCREATE'
    | 'CANNOT'
    | 'LIMIT'
    | 'HASCHILDREN';
  readonly text: string;
}

/** What a decision makes of the state: an entry to append, nothing to do, or a refusal. Pure. */
export type Decision =
  | {
      readonly append: EntryBody;
      readonly bytesDelta: number;
      readonly messagesDelta: number;
      /** The wish needs further entries: commit this one, then decide again. */
      readonly more?: boolean;
    }
  | { readonly nothing: true }
  | { readonly refusal: Refusal };

export const nothing: Decision = { nothing: true };

export function refuse(code: Refusal['code'], text: string): { readonly refusal: Refusal } {
  return { refusal: { code, text } };
}

/** An entry that moves no totals. */
export function change(append: EntryBody, more = false): Decision {
  return { append, bytesDelta: 0, messagesDelta: 0, ...(more ? { more } : {}) };
}

export const noSuchMailbox = refuse('NONEXISTENT', 'There is no such mailbox');
export const noDestination = refuse('TRYCREATE', 'There is no such mailbox');
