/**
 * How an account begins: its first entry and default mailboxes, and how UIDVALIDITY is
 * given out. RFC 6154 (special use), RFC 9051 2.3.1.1.
 */
import type { EntryId, MailboxId, ModSeq, UidValidity } from '../ids.ts';
import { inboxId } from './apply.ts';
import type { Entry } from './entry.ts';

export const sentId = 'sent' as MailboxId;
export const draftsId = 'drafts' as MailboxId;
export const junkId = 'junk' as MailboxId;
export const trashId = 'trash' as MailboxId;
export const archiveId = 'archive' as MailboxId;

const defaults: readonly (readonly [MailboxId, string, string?])[] = [
  [inboxId, 'INBOX'],
  [sentId, 'Sent', '\\Sent'],
  [draftsId, 'Drafts', '\\Drafts'],
  [junkId, 'Junk', '\\Junk'],
  [trashId, 'Trash', '\\Trash'],
  [archiveId, 'Archive', '\\Archive'],
];

/** The entry that every log begins with; appending it twice is a lost race and harmless. */
export function openingEntry(entryId: EntryId, nowMs: number): Entry {
  const first = secondsOf(nowMs);
  const mailboxes = defaults.map(([mailbox, name, specialUse], index) => ({
    mailbox,
    name,
    uidValidity: (first + index) as UidValidity,
    ...(specialUse === undefined ? {} : { specialUse }),
  }));
  const totals = { bytes: 0, messages: 0 };
  return { version: 1, modSeq: 1 as ModSeq, entryId, atMs: nowMs, totals, kind: 'opened', mailboxes };
}

/** Strictly rising in an account, so that name and UIDVALIDITY together never mean two mailboxes. */
export function nextUidValidity(state: { readonly lastUidValidity: number }, nowMs: number): UidValidity {
  return Math.max(secondsOf(nowMs), state.lastUidValidity + 1) as UidValidity;
}

function secondsOf(nowMs: number): number {
  return Math.max(1, Math.floor(nowMs / 1000));
}
