/**
 * SEARCH over a mailbox: first what the columns decide, for all rows; then records in batches,
 * and headers and texts a few at a time, for those rows alone that need them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Account } from '../../../service/account/contract.ts';
import type { TextExtractor } from '../../../service/account/text.ts';
import { ROWS_PER_TURN, SEARCHED_AT_ONCE } from '../limits.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import type { Matcher } from './matcher.ts';
import { loadMore, type SearchedMessage, withRecord } from './message.ts';

export interface SearchSources {
  readonly account: Account;
  readonly textOf: TextExtractor;
  /** Whether to stop: too late, or nobody listens. */
  readonly expired: () => boolean;
}

/** Rows that match, ascending; undefined when it took too long. */
export async function searchRows(
  sources: SearchSources,
  mailbox: SelectedMailbox,
  matches: Matcher,
): Promise<readonly number[] | undefined> {
  const found: number[] = [];
  const unknown: number[] = [];
  for (let row = 0; row < mailbox.count; row++) {
    if (row > 0 && row % (4 * ROWS_PER_TURN) === 0) await nextTurn();
    const result = matches({ row });
    if (result === true) found.push(row);
    else if (result === undefined) unknown.push(row);
  }
  if (unknown.length === 0) return found;
  const more = await searchMessages(sources, mailbox, matches, unknown);
  return more && [...found, ...more].sort((a, b) => a - b);
}

async function searchMessages(
  sources: SearchSources,
  { columns }: SelectedMailbox,
  matches: Matcher,
  rows: readonly number[],
): Promise<readonly number[] | undefined> {
  const found: number[] = [];
  const ids = (start: number, end: number) => columns.packedIds(rows.slice(start, end));
  let next = 0;
  for await (const records of sources.account.scan({ count: rows.length, ids })) {
    if (sources.expired()) return undefined;
    const undecided: SearchedMessage[] = [];
    for (const record of records) {
      const message = withRecord(rows[next++] ?? 0, record);
      const result = matches(message);
      if (result === true) found.push(message.row);
      else if (result === undefined) undecided.push(message);
    }
    if (undecided.length > 0) found.push(...(await searchBatch(sources, matches, undecided)));
  }
  return found;
}

/** A few at a time, each loaded as far as its answer needs. */
async function searchBatch(
  sources: SearchSources,
  matches: Matcher,
  batch: readonly SearchedMessage[],
): Promise<readonly number[]> {
  const found: number[] = [];
  const queue = batch.values();
  const work = async () => {
    for (const message of queue) if (await decide(sources, matches, message)) found.push(message.row);
  };
  await Promise.all(Array.from({ length: SEARCHED_AT_ONCE }, work));
  return found;
}

async function decide(sources: SearchSources, matches: Matcher, begun: SearchedMessage): Promise<boolean> {
  let message = begun;
  for (;;) {
    const result = matches(message);
    if (result !== undefined) return result;
    const more = await loadMore(sources.account, sources.textOf, message);
    if (more === message) return false;
    message = more;
  }
}
