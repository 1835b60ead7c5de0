/** Fills a mailbox over IMAP with messages of the seed: message i of the mailbox is message i of the seed. */

import { ImapClient } from '../client/imap-client.ts';
import type { MailMaker } from '../mail.ts';
import { password, reader, type Server } from '../servers/server.ts';
import type { Box } from './scenario.ts';

/** Sent before the first of them is answered. */
const ahead = 32;

/** Calls `progress` with the number of messages there. */
export async function fill(
  server: Server,
  { mailbox, count, octets }: Box,
  mail: MailMaker,
  progress: (done: number) => void,
): Promise<void> {
  const client = await ImapClient.login({ port: server.imap ?? 0 }, reader, password);
  await client.ask(`CREATE "${mailbox}"`).catch(() => undefined); // it is there
  const underWay: Promise<unknown>[] = [];
  for (let i = 0; i < count; i += 1) {
    const message = octets === undefined ? mail.message(i) : mail.sized(i, octets);
    underWay.push(client.append(mailbox, message, i % 3 === 0 ? '' : '\\Seen'));
    if (underWay.length < ahead) continue;
    await Promise.all(underWay.splice(0));
    progress(i + 1);
  }
  await Promise.all(underWay);
  await client.close();
}
