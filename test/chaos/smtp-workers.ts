/** Senders: mail from outside to some of us, and mail of ours to elsewhere and to us, in one transaction. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Instance } from './ledger.ts';
import { type Letter, writeLetter } from './letter.ts';
import { wasRefused } from './quota.ts';
import { neverDomain } from './sink.ts';
import { type Sent, SmtpClient } from './smtp-client.ts';
import {
  accounts,
  alice,
  bob,
  carol,
  desk,
  type Job,
  keepOn,
  leadsTo,
  maxAddedOctets,
  quotaBytes,
  sizeOf,
  team,
} from './worker.ts';

const inbox = { mailbox: 'INBOX', flags: '' };
const nothing: Sent = { outcome: 'refused', taken: [], refusals: [] };

/** Mail from outside to one of us or more, by their own addresses, an alias or a forward. */
export function deliver(job: Job): Promise<void> {
  return keepOn(
    job,
    () => SmtpClient.connect(job.ports().smtp),
    async (client) => {
      const to = addresseesOf(job);
      if (to.length === 0) return true;
      const bytes = to.includes(carol) ? fillingSize(job) : sizeOf(job);
      const letter = writeLetter(job.newToken(), bytes, job.random);
      return sendTo(job, client, { from: senderOf(letter), to, letter, what: 'delivery' });
    },
  );
}

/** Mail for the account with a quota alone: a refusal is certain, and must be right. */
export function deliverToFull(job: Job): Promise<void> {
  return keepOn(
    job,
    () => SmtpClient.connect(job.ports().smtp),
    async (client) => {
      const letter = writeLetter(job.newToken(), fillingSize(job), job.random);
      await delay(50);
      return sendTo(job, client, { from: senderOf(letter), to: [carol], letter, what: 'delivery' });
    },
  );
}

/** Mail of ours to elsewhere, and often to some of us too, ourselves among them. */
export function submit(job: Job, login: string): Promise<void> {
  return keepOn(
    job,
    () => SmtpClient.connect(job.ports().submission, { user: login, password: job.password }),
    async (client) => {
      const letter = writeLetter(job.newToken(), 600, job.random);
      const remote = Array.from({ length: Math.floor(job.random() * 4) }, (_, n) => {
        const drawn = job.random();
        const domain = drawn < 0.45 ? 'one.example' : drawn < 0.9 ? 'two.example' : neverDomain;
        return `r${n}-${letter.token}@${domain}`;
      });
      const local = [alice, bob].filter(() => job.random() < 0.3);
      const to = [...remote, ...local, ...[team, desk].filter(() => job.random() < 0.07)];
      if (to.length === 0) return true;
      await delay(30);
      return sendTo(job, client, { from: login, to, letter, what: 'submission' }, remote);
    },
  );
}

interface Sending {
  readonly from: string;
  readonly to: readonly string[];
  readonly letter: Letter;
  readonly what: string;
}

async function sendTo(
  job: Job,
  client: SmtpClient,
  { from, to, letter, what }: Sending,
  remote: readonly string[] = [],
): Promise<boolean> {
  const { ledger, outbound } = job;
  const { token, hash, octets } = letter;
  const sizeBytes = octets.length + maxAddedOctets;
  const sending = accountsOf(to).map((account) => ledger.sending(token, account, hash, inbox, sizeBytes));
  const room = ledger.bytes(carol);
  const declared = job.random() < 0.5 ? ` SIZE=${octets.length}` : '';
  const sent = await client.send(from, to, octets, declared).catch(() => undefined);
  for (const instance of sending) settleSent(job, instance, to, sent ?? nothing, what);
  const told = sending.find(({ account }) => account === carol);
  if (told && to.length > 1 && sent?.taken.includes(carol))
    outbound.mayBeTold(from, told, sent.outcome === 'accepted');
  if (to.length === 1 && told && sent?.refusals.some((one) => /^\d+ [45]\.2\.2/.test(one)))
    wasRefused(ledger, carol, room, what);
  const taken = remote.filter((one) => sent?.taken.includes(one));
  if (sent && sent.outcome !== 'refused')
    outbound.sent(taken, { token, hash, promised: sent.outcome === 'accepted' });
  if (sent?.outcome === 'accepted') ledger.promises.submissions += taken.length;
  return sent !== undefined && sent.outcome !== 'unknown';
}

/** One for whom RCPT was refused cannot have it; one without room may be told of instead when others have it. */
function settleSent(
  { ledger }: Job,
  instance: Instance,
  to: readonly string[],
  sent: Sent,
  what: string,
): void {
  const { account } = instance;
  const named = accountsOf(sent.taken).includes(account);
  if (!named || sent.outcome === 'refused') {
    if (sent.outcome === 'refused') ledger.promises.refusals++;
    ledger.sent(instance, 'not-done', what);
    return;
  }
  const sure = sent.outcome === 'accepted' && (account !== carol || to.length === 1);
  ledger.sent(instance, sure ? 'done' : 'unknown', what);
  if (sure) ledger.promises.deliveries++;
}

function addresseesOf({ random }: Job): readonly string[] {
  const own = accounts.filter((account) => random() < (account === carol ? 0.3 : 0.6));
  return [...own, ...[team, desk].filter(() => random() < 0.15)];
}

/** Each once, however many of the addresses lead to it. */
function accountsOf(to: readonly string[]): readonly string[] {
  return accounts.filter((account) => to.some((address) => leadsTo[address]?.includes(account)));
}

/** Now and then more than fits at all. */
function fillingSize({ random }: Job): number {
  return random() < 0.03 ? quotaBytes : 500 + Math.floor(random() * 15_000);
}

function senderOf({ token }: Letter): string {
  return `s-${token}@example.org`;
}
