/** One message in one account, or one copy of it: the states it may be in, and how what is seen is told apart. Pure. */
import type { FetchedRow } from './imap-client.ts';

/** Where a message is (a mailbox by the id of `boxes.ts`), and its flags, sorted and joined by blanks. */
export interface Place {
  readonly mailbox: string;
  readonly flags: string;
}

/** `undefined`: the message is not there (yet, or any more). */
export type MayBe = Place | undefined;

export interface Instance {
  readonly token: string;
  readonly account: string;
  readonly hash: string;
  states: readonly MayBe[];
  busy: boolean;
  /** Where it was seen last; while it stays in that mailbox its UID stays. */
  seen: { readonly mailbox: string; readonly validity: number; readonly uid: number } | undefined;
  /** At most so many octets. */
  sizeBytes: number;
  readonly history: string[];
}

export interface Observed extends FetchedRow {
  readonly mailbox: string;
  readonly validity: number;
}

const keptHistory = 30;

export function note(instance: Instance, what: string): void {
  instance.history.push(`${new Date().toISOString()} ${what}`);
  if (instance.history.length > keptHistory) instance.history.shift();
}

export function sameState(a: MayBe, b: MayBe): boolean {
  return a?.mailbox === b?.mailbox && a?.flags === b?.flags;
}

export function distinct(states: readonly MayBe[]): readonly MayBe[] {
  return states.filter((one, at) => states.findIndex((other) => sameState(one, other)) === at);
}

/** What of the rows each of the copies is; undefined when they cannot be told so. Those at their old UID first. */
export function matchCopies(
  copies: readonly Instance[],
  rows: readonly Observed[],
): Map<Instance, Observed | undefined> | undefined {
  const [row, ...rest] = rows;
  if (row === undefined)
    return copies.every(({ states }) => states.includes(undefined))
      ? new Map(copies.map((copy) => [copy, undefined]))
      : undefined;
  const able = copies.filter(
    (copy) => copy.states.some((state) => sameState(state, row)) && keepsUid(copy, row),
  );
  able.sort((a, b) => Number(isAt(b, row)) - Number(isAt(a, row)));
  for (const copy of able) {
    const others = matchCopies(
      copies.filter((one) => one !== copy),
      rest,
    );
    if (others) return others.set(copy, row);
  }
  return undefined;
}

/** A message that has not left the mailbox has the UID it had. */
export function keepsUid({ seen }: Instance, row: Observed): boolean {
  return seen === undefined || seen.mailbox !== row.mailbox || seen.uid === row.uid;
}

function isAt({ seen }: Instance, row: Observed): boolean {
  return seen?.mailbox === row.mailbox && seen.uid === row.uid;
}

export function stateText(state: MayBe): string {
  return state === undefined ? 'not there' : `in ${state.mailbox} with (${state.flags})`;
}

export function placeText({ mailbox, uid }: Observed): string {
  return `${mailbox} ${uid}`;
}
