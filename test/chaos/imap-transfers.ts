/** MOVE, COPY (RFC 9051 6.4.7, 6.4.8) and APPEND (6.3.12), some of whose literals end half way. */
import { type Box, wireNameOf } from './boxes.ts';
import { ImapClient, outcomeOf, type Tagged, textOf, uidsOf } from './imap-client.ts';
import { flagSets, setOf, spell, take, throwIfGone } from './imap-stores.ts';
import { holding, type Turn } from './imap-workers.ts';
import type { Became, Instance, Ledger, Place } from './ledger.ts';
import { writeLetter } from './letter.ts';
import { type Room, wasRefused } from './quota.ts';
import { type Job, maxAddedOctets, pick, quietly, sizeOf } from './worker.ts';

/** Of one message in one account. */
const maxCopies = 4;

export async function move(turn: Turn): Promise<void> {
  const target = otherBox(turn);
  const taken = target ? take(turn, 3) : [];
  if (target && taken.length > 0) await holding(target, () => moveTo(turn, taken, target));
}

async function moveTo(turn: Turn, taken: readonly Instance[], target: Box): Promise<void> {
  const { job, account, client } = turn;
  const { ledger } = job;
  const answer = await quietly(client.command(`UID MOVE ${setOf(taken)} "${wireNameOf(target)}"`));
  const landed = landedIn(answer);
  const outcome = judge(ledger, account, answer, undefined, 'MOVE');
  const there = (place: Place) => ({ ...place, mailbox: target.id });
  if (outcome === 'unknown') doubtTogether(ledger, `MOVE to ${target.id}`, taken, target);
  for (const instance of taken) {
    const uid = landed.uids.get(instance.seen?.uid ?? 0);
    const promised = outcome === 'done' && uid !== undefined;
    if (outcome === 'done' && uid === undefined) ledger.fail(`${account}: MOVE passed over one`, instance);
    if (promised) ledger.saw(account, target.id, landed.validity, uid, instance.token, instance);
    const became = outcome === 'done' && !promised ? 'unknown' : outcome;
    ledger.settle(instance, became, `MOVE to ${target.id}`, there);
    if (promised) ledger.promises.moves++;
  }
  throwIfGone(answer);
}

/** Into another mailbox or the same one. */
export async function copy(turn: Turn): Promise<void> {
  const { job, account, box } = turn;
  const target = job.random() < 0.15 ? box : otherBox(turn);
  if (target === undefined) return;
  const taken = take(turn, 3);
  const few = taken.filter(({ token }) => job.ledger.copiesOf(account, token).length < maxCopies);
  const once = few.filter(({ token }, at) => few.findIndex((one) => one.token === token) === at);
  for (const instance of taken) if (!once.includes(instance)) instance.busy = false;
  if (once.length > 0) await holding(target, () => copyTo(turn, once, target));
}

async function copyTo(turn: Turn, taken: readonly Instance[], target: Box): Promise<void> {
  const { job, account, client } = turn;
  const { ledger } = job;
  const pairs = taken.map((source) => {
    const { token, hash, sizeBytes, states } = source;
    const place = { mailbox: target.id, flags: states[0]?.flags ?? '' };
    return { source, made: ledger.sending(token, account, hash, place, sizeBytes) };
  });
  const room = ledger.bytes(account);
  const answer = await quietly(client.command(`UID COPY ${setOf(taken)} "${wireNameOf(target)}"`));
  const landed = landedIn(answer);
  const outcome = judge(ledger, account, answer, room, 'COPY');
  if (outcome === 'unknown')
    doubtTogether(
      ledger,
      `COPY to ${target.id}`,
      pairs.map(({ made }) => made),
      target,
    );
  for (const { source, made } of pairs) {
    source.busy = false;
    const uid = landed.uids.get(source.seen?.uid ?? 0);
    if (outcome === 'done' && uid === undefined) ledger.fail(`${account}: COPY passed over one`, source);
    if (uid !== undefined) ledger.saw(account, target.id, landed.validity, uid, made.token, made);
    ledger.sent(made, outcome, `COPY to ${target.id}`);
    if (outcome === 'done') ledger.promises.copies++;
  }
  throwIfGone(answer);
}

export async function append(turn: Turn): Promise<void> {
  const { job, account, client } = turn;
  const target = pick(job.ledger.boxes.usable(account), job.random);
  if (target === undefined) return;
  if (job.random() < 0.1) return appendHalf(job, account, target);
  await holding(target, () => appendTo(job, account, client, target));
}

async function appendTo(job: Job, account: string, client: ImapClient, target: Box): Promise<void> {
  const { ledger } = job;
  const flags = spell(flagSets.filter(() => job.random() < 0.2));
  const { token, hash, octets } = writeLetter(job.newToken(), sizeOf(job), job.random);
  const place = { mailbox: target.id, flags };
  const instance = ledger.sending(token, account, hash, place, octets.length + maxAddedOctets);
  const room = ledger.bytes(account);
  const answer = await quietly(client.command(`APPEND "${wireNameOf(target)}" (${flags})`, octets));
  const [, validity, uid] = /\[APPENDUID (\d+) (\d+)\]/.exec(answer?.text ?? '') ?? [];
  const outcome = judge(ledger, account, answer, room, 'APPEND');
  if (outcome === 'done' && uid === undefined) ledger.fail(`${account}: APPEND told no UID`, instance);
  if (uid !== undefined) ledger.saw(account, target.id, Number(validity), Number(uid), token, instance);
  ledger.sent(instance, outcome, `APPEND to ${target.id}`);
  if (outcome === 'done') ledger.promises.appends++;
  throwIfGone(answer);
}

/** On a connection of its own, which ends in the middle of the literal: nothing may come of it. */
async function appendHalf(job: Job, account: string, target: Box): Promise<void> {
  const { ledger } = job;
  const { token, hash, octets } = writeLetter(job.newToken(), sizeOf(job), job.random);
  const instance = ledger.sending(token, account, hash, { mailbox: target.id, flags: '' }, 0);
  ledger.sent(instance, 'not-done', 'half an APPEND');
  const client = await ImapClient.login(job.ports().imap, account, job.password);
  await client.breakOff(`APPEND "${wireNameOf(target)}"`, octets, Math.floor(job.random() * octets.length));
}

interface Landed {
  readonly validity: number;
  /** Old UID -> new UID. */
  readonly uids: ReadonlyMap<number, number>;
}

/** What COPYUID says (RFC 4315 3). */
function landedIn(answer: Tagged | undefined): Landed {
  const text = `${textOf(answer?.untagged ?? [])}\n${answer?.text}`;
  const [, validity, from = '', to = ''] = /\[COPYUID (\d+) (\S+) (\S+)\]/.exec(text) ?? [];
  const arrived = from === '' ? [] : uidsOf(to);
  const left = from === '' ? [] : uidsOf(from);
  return { validity: Number(validity), uids: new Map(left.map((uid, at) => [uid, arrived[at] ?? 0])) };
}

/** A refusal is certain, and must be right: the mailbox is there, so only the quota can be full. */
function judge(
  ledger: Ledger,
  account: string,
  answer: Tagged | undefined,
  room: Room | undefined,
  what: string,
): Became {
  const outcome = outcomeOf(answer);
  if (outcome !== 'not-done') return outcome;
  if (/OVERQUOTA/.test(answer?.text ?? '') && room) wasRefused(ledger, account, room, what);
  else ledger.fail(`${account}: ${what} was answered ${answer?.text}`);
  return outcome;
}

function doubtTogether(ledger: Ledger, what: string, all: readonly Instance[], target: Box): void {
  const members = all.map((instance) => ({
    instance,
    after: { mailbox: target.id, flags: instance.states.at(-1)?.flags ?? '' },
  }));
  ledger.together(what, members);
}

function otherBox({ job, account, box }: Turn): Box | undefined {
  return pick(
    job.ledger.boxes.usable(account).filter((one) => one !== box),
    job.random,
  );
}
