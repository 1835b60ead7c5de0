/** Sessions that change messages: in one mailbox after another STORE, EXPUNGE, MOVE, COPY and APPEND. */
import { type Box, wireNameOf } from './boxes.ts';
import { ImapClient } from './imap-client.ts';
import { expunge, store, storeUnchanged } from './imap-stores.ts';
import { append, copy, move } from './imap-transfers.ts';
import type { Ledger } from './ledger.ts';
import { tokenField } from './letter.ts';
import { carol, type Job, keepOn, pick, quotaBytes } from './worker.ts';

const crowdedAt = 250;

/** The session of a worker in its mailbox, where it does one thing at a time. */
export interface Turn {
  readonly job: Job;
  readonly account: string;
  readonly client: ImapClient;
  readonly box: Box;
  /** The highest UID that the session was told of. */
  readonly known: number;
}

export function imapChanges(job: Job, account: string): Promise<void> {
  let box: Box | undefined;
  return keepOn(
    job,
    () => ImapClient.login(job.ports().imap, account, job.password),
    async (client) => {
      const usable = job.ledger.boxes.usable(account);
      if (box === undefined || !usable.includes(box) || job.random() < 0.15)
        box = pick(usable, favourite(job));
      if (box === undefined) return false;
      await holding(box, () => act({ job, account, client, box: box as Box, known: 0 }));
      return true;
    },
  );
}

/** INBOX, where most things come, more often than the others. */
function favourite({ random }: Job): () => number {
  return () => (random() < 0.4 ? 0 : random());
}

/** While its commands are under way nobody renames or deletes the mailbox. */
export async function holding<Value>(box: Box, work: () => Promise<Value>): Promise<Value> {
  box.users++;
  try {
    return await work();
  } finally {
    box.users--;
  }
}

async function act(before: Turn): Promise<void> {
  const { job, account, client, box } = before;
  await selectBox(job.ledger, client, box);
  const turn = { ...before, known: await lookAround(before) };
  const drawn = job.random();
  if (drawn < (isCrowded(job.ledger, account) ? 0.5 : 0.12)) return expunge(turn);
  if (drawn < 0.5) return store(turn);
  if (drawn < 0.57) return storeUnchanged(turn);
  if (drawn < 0.75) return move(turn);
  if (drawn < 0.87) return copy(turn);
  return append(turn);
}

function isCrowded(ledger: Ledger, account: string): boolean {
  if (account === carol && ledger.bytes(account).most > 0.9 * quotaBytes) return true;
  return ledger.live(account).length > crowdedAt;
}

/** A mailbox that was promised can be selected. */
async function selectBox(ledger: Ledger, client: ImapClient, box: Box): Promise<void> {
  if (client.selected?.id === box.id) return;
  try {
    const { validity } = await client.select(wireNameOf(box), box.id);
    ledger.boxes.learn(box.account, box.id, validity);
  } catch (error) {
    if (/NONEXISTENT/.test(String(error))) ledger.fail(`${box.account}: ${String(error)}`);
    throw error;
  }
}

/** What has come since anybody looked. Gives the highest UID: `*` is always among what is fetched. */
async function lookAround({ job: { ledger }, account, client, box }: Turn): Promise<number> {
  await client.command('NOOP');
  const rows = await client.fetch(`${ledger.unlearned(account, box.id)}:*`, `HEADER.FIELDS (${tokenField})`);
  ledger.learn(account, box.id, client.selected?.validity ?? 0, rows);
  return Math.max(0, ...rows.map(({ uid }) => uid));
}
