/** One session per account that makes, renames, deletes and subscribes mailboxes, with what is in them. RFC 9051 6.3. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Box, maxBoxes, nameOf, spelled } from './boxes.ts';
import { ImapClient, outcomeOf } from './imap-client.ts';
import type { Became, Ledger } from './ledger.ts';
import { bob, type Job, keepOn, pick } from './worker.ts';

/** Few enough that names come again after a DELETE. */
const names = ['p', 'p/a', 'p/a/x', 'p/b', 'q', 'q/a', 'q/a/x', 'q/r/s', 'Tom & Jerry', 'Tom & Jerry/y'];
const inbox = 'INBOX';
const waitTurns = 100;
const everything = Number.POSITIVE_INFINITY;

interface Turn {
  readonly job: Job;
  readonly account: string;
  readonly client: ImapClient;
}

export function mailboxChanges(job: Job, account: string): Promise<void> {
  return keepOn(
    job,
    () => ImapClient.login(job.ports().imap, account, job.password),
    async (client) => {
      await delay(30 + job.random() * 150);
      const turn = { job, account, client };
      const drawn = job.random();
      if (drawn < 0.35) await create(turn);
      else if (drawn < 0.6) await rename(turn);
      else if (drawn < 0.75) await remove(turn);
      else if (drawn < 0.9 || account !== bob) await subscribe(turn);
      else await renameInbox(turn);
      return true;
    },
  );
}

async function create(turn: Turn): Promise<void> {
  const { job, account } = turn;
  const { boxes } = job.ledger;
  const name = vacantName(turn);
  if (name === undefined || boxes.count(account) >= maxBoxes) return;
  const made = boxes.making(account, name);
  boxes.made(made, await ask(turn, `CREATE "${spelled(name)}"`));
}

/** With all below it; the superior names of the new one are made with it. */
async function rename(turn: Turn): Promise<void> {
  const { job, account } = turn;
  const { boxes } = job.ledger;
  const box = pick(boxes.free(account), job.random);
  const to = vacantName(turn);
  if (box === undefined || to === undefined || boxes.count(account) >= maxBoxes) return;
  const from = nameOf(box);
  const tree = boxes.tree(account, from);
  const free = boxes.free(account);
  if (`${to}/`.startsWith(`${from}/`) || tree.some((one) => !free.includes(one))) return;
  // What stands below the new name already would clash with what comes there.
  if (boxes.tree(account, to).length > 0) return;
  for (const one of tree) one.locked = true;
  const made = boxes.making(account, to.split('/').slice(0, -1).join('/'));
  const outcome = await ask(turn, `RENAME "${spelled(from)}" "${spelled(to)}"`);
  boxes.made(made, outcome);
  boxes.renamed(tree, from, to, outcome);
}

/** Its messages go with it; mailboxes below it stay. */
async function remove(turn: Turn): Promise<void> {
  const { job, account } = turn;
  const { boxes } = job.ledger;
  const box = pick(boxes.free(account), job.random);
  if (box === undefined) return;
  box.locked = true;
  boxes.deleted(box, await ask(turn, `DELETE "${spelled(nameOf(box))}"`));
}

async function subscribe(turn: Turn): Promise<void> {
  const { job, account } = turn;
  const { subscriptions } = job.ledger;
  const name = pick(names, job.random) ?? '';
  if (subscriptions.isInDoubt(account, name)) return;
  const on = job.random() < 0.5;
  const outcome = await ask(turn, `${on ? 'SUBSCRIBE' : 'UNSUBSCRIBE'} "${spelled(name)}"`, 'subscriptions');
  subscriptions.settle(account, name, on, outcome);
}

/** All that is in INBOX goes to a new mailbox; what is delivered meanwhile may be in either. */
async function renameInbox(turn: Turn): Promise<void> {
  const { job, account } = turn;
  const { boxes } = job.ledger;
  const name = vacantName(turn);
  const from = boxes.usable(account).find(({ id }) => id === inbox);
  if (name === undefined || from?.validity === undefined || boxes.count(account) >= maxBoxes) return;
  from.locked = true;
  try {
    for (let turns = 0; from.users > 0 && turns < waitTurns; turns++) await delay(10);
    if (from.users === 0) await moveInbox(turn, from.validity, name);
  } finally {
    from.locked = false;
  }
}

async function moveInbox(turn: Turn, validity: number, name: string): Promise<void> {
  const { job, account } = turn;
  const { ledger } = job;
  const made = ledger.boxes.making(account, name);
  const target = (made.at(-1) as Box).id;
  const taken = ledger.take(account, inbox, { validity, upTo: everything }, everything, job.random);
  ledger.disturb(account, inbox, target);
  const outcome = await ask(turn, `RENAME INBOX "${spelled(name)}"`, 'inboxRenames');
  ledger.boxes.made(made, outcome);
  const moved = { mailbox: target };
  for (const one of taken)
    ledger.settle(one, outcome, `RENAME INBOX to ${target}`, (place) => ({ ...place, ...moved }));
  ledger.disturb(account, inbox, target);
}

/** What became of it. We know what is there, so it is never refused. */
async function ask(
  { job: { ledger }, account, client }: Turn,
  command: string,
  counted: 'mailboxes' | 'inboxRenames' | 'subscriptions' = 'mailboxes',
): Promise<Became> {
  const answer = await client.command(command).catch(() => undefined);
  const outcome = outcomeOf(answer);
  if (outcome === 'not-done') failRefused(ledger, account, command, answer?.text ?? '');
  if (outcome === 'done') ledger.promises[counted]++;
  if (outcome === 'unknown') ledger.promises.unanswered++;
  if (answer === undefined) client.destroy();
  return outcome;
}

function failRefused(ledger: Ledger, account: string, command: string, answer: string): void {
  ledger.fail(`${account}: ${command} was answered ${answer}`);
}

function vacantName({ job, account }: Turn): string | undefined {
  return pick(
    names.filter((name) => job.ledger.boxes.isVacant(account, name)),
    job.random,
  );
}
