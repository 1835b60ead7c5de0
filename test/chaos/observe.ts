/** What IMAP and POP3 clients see of an account when nothing is under way: held against the ledger. */
import { spelled } from './boxes.ts';
import { type FetchedRow, ImapClient, type Selected } from './imap-client.ts';
import type { Ledger, Observed } from './ledger.ts';
import { hashOf, tokenField } from './letter.ts';
import { type Bounced, failedRecipients } from './outbound-ledger.ts';
import { checkQuota } from './quota.ts';

export interface Seen {
  readonly messages: number;
  readonly bytes: number;
  /** Of INBOX, with UIDVALIDITY. */
  readonly inbox: { readonly validity: number; readonly uids: readonly number[] };
  /** Recipients that notifications in this account report as failed; only looked for when `whole`. */
  readonly failed: readonly Bounced[];
}

interface Look {
  readonly port: number;
  readonly password: string;
  readonly whole: boolean;
}

interface SeenBox {
  readonly name: string;
  readonly selected: Selected;
  readonly rows: readonly FetchedRow[];
}

/** `whole`: reads every octet, and nothing may come meanwhile. Otherwise flags, sizes and tokens; notifications may come. */
export async function checkThroughImap(
  ledger: Ledger,
  account: string,
  { port, password, whole }: Look,
): Promise<Seen> {
  const client = await ImapClient.login(port, account, password);
  try {
    const boxes: SeenBox[] = [];
    for (const name of await namesOf(client, 'LIST'))
      boxes.push(await lookInto(ledger, account, client, name, whole));
    const ids = ledger.boxes.check(
      account,
      boxes.map(({ name, selected: { validity } }) => ({ name, validity })),
    );
    ledger.subscriptions.check(account, await namesOf(client, 'LSUB'));
    const rows = boxes.flatMap((box) => observedIn(ledger, account, ids.get(box.name) ?? box.name, box));
    ledger.checkAccount(account, rows, whole ? hashOf : () => undefined);
    const bytes = rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    await checkQuota(ledger, account, client, bytes);
    const inbox = boxes.find(({ name }) => name === 'INBOX');
    return {
      ...{ messages: rows.length, bytes },
      inbox: { validity: inbox?.selected.validity ?? 0, uids: (inbox?.rows ?? []).map(({ uid }) => uid) },
      failed: whole ? rows.flatMap(failedIn) : [],
    };
  } finally {
    client.destroy();
  }
}

async function lookInto(
  ledger: Ledger,
  account: string,
  client: ImapClient,
  name: string,
  whole: boolean,
): Promise<SeenBox> {
  const selected = await client.select(spelled(name), name);
  const rows = await client.fetch('1:*', whole ? '' : `HEADER.FIELDS (${tokenField})`);
  if (!whole) return { name, selected, rows };
  const status = await client.command(`STATUS "${spelled(name)}" (MESSAGES)`);
  const counted = /MESSAGES (\d+)/.exec(status.untagged.map(({ text }) => text).join('\n'))?.[1];
  if (Number(counted) !== rows.length)
    ledger.fail(`${account}/${name}: STATUS says ${counted} messages, FETCH gave ${rows.length}`);
  return { name, selected, rows };
}

function observedIn(
  ledger: Ledger,
  account: string,
  id: string,
  { selected, rows }: SeenBox,
): readonly Observed[] {
  const { validity, next } = selected;
  ledger.learn(account, id, validity, rows);
  ledger.floor(account, id, validity, next);
  return rows.map((row) => ({ ...row, mailbox: id, validity }));
}

function failedIn({ octets }: Observed): readonly Bounced[] {
  if (octets === undefined) return [];
  const text = octets.toString('latin1');
  return /^Content-Type: multipart\/report/im.test(text) ? failedRecipients(text) : [];
}

/** Names of mailboxes that are there, or that are subscribed. */
async function namesOf(client: ImapClient, command: 'LIST' | 'LSUB'): Promise<readonly string[]> {
  const { untagged } = await client.command(`${command} "" "*"`);
  return untagged.flatMap(({ text }) => {
    const [, attributes = '', name] = /^\* (?:LIST|LSUB) \(([^)]*)\) "\/" "?([^"]+)"?$/.exec(text) ?? [];
    if (name === undefined) return [];
    if (command === 'LIST' && /\\NonExistent|\\Noselect/i.test(attributes)) return [];
    return [name.replaceAll('&-', '&')];
  });
}
