/** Finds what left the mailboxes of an account longer ago than the undelete window. */
import type { Entry } from '../../mail/account/entry.ts';
import type { AccountKey, MessageId, ModSeq } from '../../mail/ids.ts';
import type { LogStore } from '../../mail/ports/log-store.ts';
import { claimBatch, logPage } from './settings.ts';

export interface Departures {
  readonly ids: readonly MessageId[];
  /** Entries up to this one were looked at. */
  readonly through: ModSeq | 0;
  /** There is more: look again from `through`. */
  readonly more: boolean;
}

/** Entries after `after` and not younger than `beforeMs`, until a batch of ids is full. */
export async function readDepartures(
  log: LogStore,
  account: AccountKey,
  after: ModSeq | 0,
  beforeMs: number,
): Promise<Departures> {
  const ids: MessageId[] = [];
  let through = after;
  for (;;) {
    const page = await log.read(account, through, logPage);
    for (const entry of page) {
      if (entry.atMs >= beforeMs) return { ids, through, more: false };
      ids.push(...departedIn(entry));
      through = entry.modSeq;
      if (ids.length >= claimBatch) return { ids, through, more: true };
    }
    if (page.length < logPage) return { ids, through, more: false };
  }
}

/** Those of the ids that did not leave another mailbox in a later entry: the last departure counts. */
export async function withoutLaterDepartures(
  log: LogStore,
  account: AccountKey,
  after: ModSeq | 0,
  ids: readonly MessageId[],
): Promise<readonly MessageId[]> {
  const left = new Set(ids);
  let through = after;
  for (;;) {
    const page = await log.read(account, through, logPage);
    for (const entry of page) {
      for (const id of departedIn(entry)) left.delete(id);
      through = entry.modSeq;
    }
    if (page.length < logPage || left.size === 0) return [...left];
  }
}

function departedIn(entry: Entry): readonly MessageId[] {
  return entry.kind === 'expunged' || entry.kind === 'mailboxDeleted' ? entry.gone.messageIds : [];
}
