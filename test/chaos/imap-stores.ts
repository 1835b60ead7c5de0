/** STORE, with UNCHANGEDSINCE too (RFC 7162 3.1.3), and EXPUNGE: each answered message has one right set of flags. */
import { rowsOf, type Tagged, uidsOf } from './imap-client.ts';
import type { Turn } from './imap-workers.ts';
import type { Instance, Place } from './ledger.ts';
import { pick, quietly } from './worker.ts';

export const flagSets = [
  '\\Seen',
  '\\Flagged',
  '\\Answered',
  '\\Draft',
  '$Work',
  '$Important',
  'later',
  'a.b-c',
];

/** What a STORE does to flags. */
interface Change {
  readonly text: string;
  readonly applied: (flags: string) => string;
}

export async function store(turn: Turn): Promise<void> {
  await storing(turn, take(turn, 4), drawChange(turn));
}

/** Those that have changed since some mod-sequence stay as they are, for certain; nobody else changes what we took. */
export async function storeUnchanged(turn: Turn): Promise<void> {
  const { job, client } = turn;
  const taken = take(turn, 5);
  if (taken.length === 0) return;
  // Another task may have changed them just before we took them: what FETCH says must be newer than that.
  const fresh = (await quietly(client.command('NOOP')))?.status === 'OK';
  const answer = fresh ? await quietly(client.command(`UID FETCH ${setOf(taken)} (MODSEQ)`)) : undefined;
  if (answer?.status !== 'OK') {
    for (const instance of taken) instance.busy = false;
    return;
  }
  const modSeqs = new Map(
    answer.untagged.flatMap(({ text }) => {
      const [, uid, modSeq] = /UID (\d+).*MODSEQ \((\d+)\)/.exec(text) ?? [];
      return uid === undefined ? [] : [[Number(uid), Number(modSeq)] as const];
    }),
  );
  const since = pick([...modSeqs.values()], job.random) ?? 1;
  const isLater = ({ seen }: Instance) => (modSeqs.get(seen?.uid ?? 0) ?? 0) > since;
  await storing(turn, taken, drawChange(turn), { since, isLater });
}

interface Condition {
  readonly since: number;
  readonly isLater: (instance: Instance) => boolean;
}

/** Gives those that the server has shown with the flags as promised; the others are in doubt. */
async function storing(
  { job: { ledger }, account, client }: Turn,
  taken: readonly Instance[],
  { text, applied }: Change,
  condition?: Condition,
): Promise<readonly Instance[]> {
  if (taken.length === 0) return [];
  const only = condition ? ` (UNCHANGEDSINCE ${condition.since})` : '';
  const answer = await quietly(client.command(`UID STORE ${setOf(taken)}${only} ${text}`));
  const shown = new Map(rowsOf(answer?.untagged ?? []).map(({ uid, flags }) => [uid, flags]));
  const modified = new Set(uidsOf(/\[MODIFIED (\S+)\]/.exec(answer?.text ?? '')?.[1] ?? '0'));
  const done: Instance[] = [];
  for (const instance of taken) {
    const uid = instance.seen?.uid ?? 0;
    const refused = modified.has(uid);
    if (answer?.status === 'OK' && condition && refused !== condition.isLater(instance))
      ledger.fail(`${account}: STORE${only} of UID ${uid} was ${refused ? '' : 'not '}refused`, instance);
    if (refused) {
      ledger.promises.refusals++;
      ledger.settle(instance, 'not-done', `STORE${only} ${text}`, (place) => place);
      continue;
    }
    const [state] = instance.states;
    const expected = state && applied(state.flags);
    const says = shown.get(uid);
    const promised = answer?.status === 'OK' && (says !== undefined || expected === state?.flags);
    if (promised && says !== undefined && says !== expected)
      ledger.fail(`${account}: STORE ${text} answered (${says}) instead of (${expected})`, instance);
    ledger.settle(instance, promised ? 'done' : 'unknown', `STORE${only} ${text}`, (place: Place) => ({
      ...place,
      flags: applied(place.flags),
    }));
    if (promised) done.push(instance);
  }
  ledger.promises.stores += done.length;
  throwIfGone(answer);
  return done;
}

export async function expunge(turn: Turn): Promise<void> {
  const { job, client } = turn;
  const { ledger } = job;
  const deleted = { text: '+FLAGS (\\Deleted)', applied: (before: string) => spell([before, '\\Deleted']) };
  const marked = await storing(turn, take(turn, 4), deleted);
  const taken = marked.filter(({ busy, states }) => !busy && states.length === 1);
  if (taken.length === 0) return;
  for (const instance of taken) instance.busy = true;
  const answer = await quietly(client.command(`UID EXPUNGE ${setOf(taken)}`));
  const outcome = answer?.status === 'OK' ? 'done' : 'unknown';
  for (const instance of taken) ledger.settle(instance, outcome, 'EXPUNGE', () => undefined);
  if (outcome === 'done') ledger.promises.expunges += taken.length;
  throwIfGone(answer);
}

function drawChange({ job: { random } }: Turn): Change {
  const flags = flagSets.filter(() => random() < 0.25);
  const how = pick(['+', '-', ''], random) ?? '';
  const applied = (before: string) => {
    if (how === '+') return spell([before, ...flags]);
    return how === '-' ? spell(before.split(' ').filter((flag) => !flags.includes(flag))) : spell(flags);
  };
  return { text: `${how}FLAGS (${flags.join(' ')})`, applied };
}

export function take({ job, account, client, box, known }: Turn, most: number): Instance[] {
  const { random, ledger } = job;
  const count = 1 + Math.floor(random() * most);
  const validity = client.selected?.validity ?? 0;
  return ledger.take(account, box.id, { validity, upTo: known }, count, random);
}

export function setOf(instances: readonly Instance[]): string {
  return instances.map(({ seen }) => seen?.uid).join(',');
}

/** Sorted, each once, joined by blanks. */
export function spell(flags: readonly string[]): string {
  const all = flags.flatMap((some) => some.split(' ')).filter((flag) => flag !== '');
  return [...new Set(all)].sort().join(' ');
}

export function throwIfGone(answer: Tagged | undefined): asserts answer is Tagged {
  if (answer === undefined) throw new Error('the connection is gone');
}
