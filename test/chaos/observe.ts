/** What an IMAP client sees of an account when nothing is under way: held against the ledger. */
import { ImapClient } from './imap-client.ts';
import type { Ledger, Observed } from './ledger.ts';
import { hashOf, tokenField } from './letter.ts';
import { type Bounced, failedRecipients } from './outbound-ledger.ts';

export interface Seen {
  readonly messages: number;
  readonly bytes: number;
  /** Recipients that notifications in this account report as failed; only looked for when `whole`. */
  readonly failed: readonly Bounced[];
}

/** `whole`: reads every octet, and nothing may come meanwhile. Otherwise flags, sizes and tokens; notifications may come. */
export async function checkThroughImap(
  ledger: Ledger,
  account: string,
  { port, password, whole }: { readonly port: number; readonly password: string; readonly whole: boolean },
): Promise<Seen> {
  const client = await ImapClient.login(port, account, password);
  try {
    const rows: Observed[] = [];
    for (const mailbox of await namesOf(client)) {
      await client.select(mailbox);
      const { validity = 0, next = 0 } = client.selected ?? {};
      const fetched = await client.fetch('1:*', whole ? '' : `HEADER.FIELDS (${tokenField})`);
      ledger.learn(account, mailbox, validity, fetched);
      ledger.floor(account, mailbox, validity, next);
      rows.push(...fetched.map((row) => ({ ...row, mailbox, validity })));
      if (!whole) continue;
      const status = await client.command(`STATUS "${mailbox}" (MESSAGES)`);
      const counted = /MESSAGES (\d+)/.exec(status.untagged.map(({ text }) => text).join('\n'))?.[1];
      if (Number(counted) !== fetched.length)
        ledger.fail(`${account}/${mailbox}: STATUS says ${counted} messages, FETCH gave ${fetched.length}`);
    }
    ledger.checkAccount(account, rows, whole ? hashOf : () => undefined);
    return {
      messages: rows.length,
      bytes: rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      failed: whole ? rows.flatMap(failedIn) : [],
    };
  } finally {
    client.destroy();
  }
}

function failedIn({ octets }: Observed): readonly Bounced[] {
  if (octets === undefined) return [];
  const text = octets.toString('latin1');
  return /^Content-Type: multipart\/report/im.test(text) ? failedRecipients(text) : [];
}

async function namesOf(client: ImapClient): Promise<readonly string[]> {
  const { untagged } = await client.command('LIST "" "*"');
  return untagged.flatMap(({ text }) => {
    const name = /^\* LIST \([^)]*\) "\/" "?([^"]+)"?$/.exec(text)?.[1];
    return name === undefined ? [] : [name];
  });
}
