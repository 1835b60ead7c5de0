/** The load: workers that act as real clients do, and write down what they were promised. */
import { setTimeout as delay } from 'node:timers/promises';
import { ImapClient, rowsOf, uidsOf } from './imap-client.ts';
import type { Instance, Ledger, Place } from './ledger.ts';
import { tokenField, writeLetter } from './letter.ts';
import type { OutboundLedger } from './outbound-ledger.ts';
import { Pop3Client } from './pop3-client.ts';
import { type Sent, SmtpClient } from './smtp-client.ts';

export interface Ports {
  readonly smtp: number;
  readonly submission: number;
  readonly imap: number;
  readonly pop3: number;
}

/** What a worker works with. `ports` may change: a client that reconnects asks again. */
export interface Job {
  readonly ports: () => Ports;
  readonly running: () => boolean;
  readonly ledger: Ledger;
  readonly outbound: OutboundLedger;
  readonly random: () => number;
  readonly newToken: () => string;
  readonly password: string;
}

export const accounts = ['alice@example.test', 'bob@example.test'] as const;
export const mailboxes = ['INBOX', 'Archive', 'Trash'] as const;

const flagSets = ['\\Seen', '\\Flagged', '\\Answered', '\\Draft', '$Work', '$Important'];
const crowdedAt = 250;
/** One letter in so many is too large for the event to ingest, and goes by way of the bucket. */
const largeEvery = 120;
const largeBytes = 3_400_000;

/** Runs `turn` until the end; a turn that throws costs its connection, and nothing else. */
async function keepOn<Client extends { destroy(): void }>(
  { running }: Job,
  open: () => Promise<Client>,
  turn: (client: Client) => Promise<boolean>,
): Promise<void> {
  let client: Client | undefined;
  while (running()) {
    try {
      client ??= await open();
      if (await turn(client)) continue;
    } catch {
      await delay(20);
    }
    client?.destroy();
    client = undefined;
  }
  client?.destroy();
}

/** Mail from outside to one of us or both. */
export function deliver(job: Job): Promise<void> {
  return keepOn(
    job,
    () => SmtpClient.connect(job.ports().smtp),
    async (client) => {
      const to = accounts.filter(() => job.random() < 0.7);
      if (to.length === 0) return true;
      const letter = writeLetter(job.newToken(), sizeOf(job), job.random);
      const sending = to.map((account) =>
        job.ledger.sending(letter.token, account, letter.hash, { mailbox: 'INBOX', flags: '' }),
      );
      const sent = await client
        .send('somebody@example.org', to, letter.octets)
        .catch(() => 'not-sent' as const);
      for (const instance of sending) job.ledger.sent(instance, becameOf(sent), 'delivery');
      if (sent === 'accepted') job.ledger.promises.deliveries += to.length;
      return sent === 'accepted' || sent === 'refused';
    },
  );
}

/** Mail of ours to elsewhere, and sometimes to one of us too. */
export function submit(job: Job, login: string): Promise<void> {
  return keepOn(
    job,
    () => SmtpClient.connect(job.ports().submission, { user: login, password: job.password }),
    async (client) => {
      const letter = writeLetter(job.newToken(), 600, job.random);
      const remote = Array.from(
        { length: 1 + Math.floor(job.random() * 3) },
        (_, n) => `r${n}-${letter.token}@${job.random() < 0.5 ? 'one' : 'two'}.example`,
      );
      const local = accounts.filter((account) => account !== login && job.random() < 0.3);
      const sending = local.map((account) =>
        job.ledger.sending(letter.token, account, letter.hash, { mailbox: 'INBOX', flags: '' }),
      );
      const sent = await client
        .send(accounts[0], [...remote, ...local], letter.octets)
        .catch(() => 'not-sent' as const);
      for (const instance of sending) job.ledger.sent(instance, becameOf(sent), 'submission');
      if (sent === 'accepted' || sent === 'unknown') {
        const { token, hash } = letter;
        job.outbound.sent(remote, { token, hash, promised: sent === 'accepted' });
      }
      if (sent === 'accepted') job.ledger.promises.submissions += remote.length;
      await delay(30);
      return sent === 'accepted' || sent === 'refused';
    },
  );
}

/** Leaves through POP3: some messages of INBOX, deleted at QUIT. */
export function popDeletes(job: Job, account: string): Promise<void> {
  return keepOn(
    job,
    () => Pop3Client.login(job.ports().pop3, account, job.password),
    async (client) => {
      const listed = (await client.lines('UIDL')) ?? [];
      const marked: Instance[] = [];
      for (const line of listed.filter(() => job.random() < 0.1).slice(0, 5)) {
        const [number, validity = 0, uid = 0] = line.split(/[ .]/).map(Number);
        const instance = job.ledger.takeUid(account, 'INBOX', validity, uid);
        if (!instance) continue;
        marked.push(instance);
        if (!(await quietly(client.ask(`DELE ${number}`)))?.startsWith('+OK')) break;
      }
      const answer = await quietly(client.ask('QUIT'));
      const outcome = answer?.startsWith('+OK') && marked.length > 0 ? 'done' : 'unknown';
      for (const instance of marked) job.ledger.settle(instance, outcome, 'POP3 delete', () => undefined);
      if (outcome === 'done') job.ledger.promises.popDeletes += marked.length;
      await delay(100);
      return false;
    },
  );
}

/** STORE, MOVE, APPEND and EXPUNGE in one account after another mailbox. */
export function imapChanges(job: Job, account: string): Promise<void> {
  return keepOn(
    job,
    () => ImapClient.login(job.ports().imap, account, job.password),
    async (client) => {
      if (job.random() < 0.15) await client.select(mailboxes[Math.floor(job.random() * 3)] ?? 'INBOX');
      else await client.select(client.selected?.name ?? 'INBOX');
      await lookAround(job, account, client);
      const drawn = job.random();
      const crowded = job.ledger.live(account).size > crowdedAt;
      if (drawn < (crowded ? 0.5 : 0.15)) await expunge(job, account, client);
      else if (drawn < 0.6) await store(job, account, client);
      else if (drawn < 0.85) await move(job, account, client);
      else await append(job, account, client);
      return true;
    },
  );
}

/** What has come since anybody looked. */
async function lookAround({ ledger }: Job, account: string, client: ImapClient): Promise<void> {
  const { name = '', validity = 0 } = client.selected ?? {};
  await client.command('NOOP');
  const rows = await client.fetch(`${ledger.unlearned(account, name)}:*`, `HEADER.FIELDS (${tokenField})`);
  ledger.learn(account, name, validity, rows);
}

async function store(job: Job, account: string, client: ImapClient): Promise<void> {
  const flags = flagSets.filter(() => job.random() < 0.3);
  const how = (['+', '-', ''] as const)[Math.floor(job.random() * 3)] ?? '';
  const changed = (before: string) => {
    const old = before.split(' ').filter((flag) => flag !== '');
    if (how === '+') return spell([...old, ...flags]);
    return how === '-' ? spell(old.filter((flag) => !flags.includes(flag))) : spell(flags);
  };
  const text = `${how}FLAGS (${flags.join(' ')})`;
  await storing(job, account, client, take(job, account, client, 4), text, changed);
}

/** Those that the server has shown with the flags as promised; the others are in doubt. */
async function storing(
  { ledger }: Job,
  account: string,
  client: ImapClient,
  taken: readonly Instance[],
  text: string,
  changed: (flags: string) => string,
): Promise<readonly Instance[]> {
  if (taken.length === 0) return [];
  const answer = await quietly(client.command(`UID STORE ${setOf(taken)} ${text}`));
  const shown = new Map(rowsOf(answer?.untagged ?? []).map(({ uid, flags }) => [uid, flags]));
  const done: Instance[] = [];
  for (const instance of taken) {
    const [state] = instance.states;
    const expected = state && changed(state.flags);
    const says = shown.get(instance.seen?.uid ?? 0);
    const promised = answer?.status === 'OK' && (says !== undefined || expected === state?.flags);
    if (promised && says !== undefined && says !== expected)
      ledger.fail(`${account}: STORE ${text} answered (${says}) instead of (${expected})`, instance);
    ledger.settle(instance, promised ? 'done' : 'unknown', `STORE ${text}`, (place: Place) => ({
      ...place,
      flags: changed(place.flags),
    }));
    if (promised) done.push(instance);
  }
  ledger.promises.stores += done.length;
  if (answer === undefined) throw new Error('the connection is gone');
  return done;
}

async function move(job: Job, account: string, client: ImapClient): Promise<void> {
  const { ledger } = job;
  const target = mailboxes.filter((name) => name !== client.selected?.name)[job.random() < 0.5 ? 0 : 1] ?? '';
  const taken = take(job, account, client, 3);
  if (taken.length === 0) return;
  const answer = await quietly(client.command(`UID MOVE ${setOf(taken)} "${target}"`));
  const code = /\[COPYUID (\d+) (\S+) (\S+)\]/.exec(
    answer?.untagged.map(({ text }) => text).join('\n') ?? '',
  );
  const arrived = uidsOf(code?.[3] ?? '');
  const landed = new Map(uidsOf(code?.[2] ?? '').map((uid, at) => [uid, arrived[at] ?? 0]));
  for (const instance of taken) {
    const uid = landed.get(instance.seen?.uid ?? 0);
    const promised = answer?.status === 'OK' && uid !== undefined;
    if (promised) ledger.saw(account, target, Number(code?.[1]), uid, instance.token);
    if (promised) instance.seen = { mailbox: target, validity: Number(code?.[1]), uid };
    ledger.settle(instance, promised ? 'done' : 'unknown', `MOVE to ${target}`, (place) => ({
      ...place,
      mailbox: target,
    }));
    if (promised) ledger.promises.moves++;
  }
  if (answer === undefined) throw new Error('the connection is gone');
}

async function expunge(job: Job, account: string, client: ImapClient): Promise<void> {
  const { ledger } = job;
  const marked = await storing(
    job,
    account,
    client,
    take(job, account, client, 4),
    '+FLAGS (\\Deleted)',
    (before) => spell([...before.split(' ').filter((flag) => flag !== ''), '\\Deleted']),
  );
  const taken = marked.filter(({ busy }) => !busy);
  if (taken.length === 0) return;
  for (const instance of taken) instance.busy = true;
  const answer = await quietly(client.command(`UID EXPUNGE ${setOf(taken)}`));
  const outcome = answer?.status === 'OK' ? 'done' : 'unknown';
  for (const instance of taken) ledger.settle(instance, outcome, 'EXPUNGE', () => undefined);
  if (outcome === 'done') ledger.promises.expunges += taken.length;
  if (answer === undefined) throw new Error('the connection is gone');
}

async function append(job: Job, account: string, client: ImapClient): Promise<void> {
  const mailbox = mailboxes[Math.floor(job.random() * 3)] ?? 'INBOX';
  const flags = spell(flagSets.filter(() => job.random() < 0.2));
  const letter = writeLetter(job.newToken(), sizeOf(job), job.random);
  const instance = job.ledger.sending(letter.token, account, letter.hash, { mailbox, flags });
  const answer = await quietly(client.command(`APPEND "${mailbox}" (${flags})`, letter.octets));
  const uid = /\[APPENDUID (\d+) (\d+)\]/.exec(answer?.text ?? '');
  if (uid) job.ledger.saw(account, mailbox, Number(uid[1]), Number(uid[2]), letter.token);
  const done = answer?.status === 'OK' && uid;
  job.ledger.sent(instance, done ? 'done' : 'unknown', `APPEND to ${mailbox}`);
  if (done) job.ledger.promises.appends++;
  if (answer === undefined) throw new Error('the connection is gone');
}

function take({ ledger, random }: Job, account: string, client: ImapClient, most: number): Instance[] {
  const { name = '', validity = 0 } = client.selected ?? {};
  return ledger.take(account, name, validity, 1 + Math.floor(random() * most), random);
}

function sizeOf({ random }: Job): number {
  return random() < 1 / largeEvery ? largeBytes : 200 + Math.floor(random() * 4000);
}

function setOf(instances: readonly Instance[]): string {
  return instances.map(({ seen }) => seen?.uid).join(',');
}

function spell(flags: readonly string[]): string {
  return [...new Set(flags)].sort().join(' ');
}

function becameOf(sent: Sent | 'not-sent'): 'done' | 'unknown' | 'not-done' {
  if (sent === 'accepted') return 'done';
  return sent === 'unknown' ? 'unknown' : 'not-done';
}

/** Undefined when no answer came. */
async function quietly<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  return answer.catch(() => undefined);
}
