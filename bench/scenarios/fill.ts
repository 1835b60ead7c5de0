/** Fills a mailbox over IMAP with messages of the seed: message i of the mailbox is message i of the seed, or near it. */
import { ImapClient } from '../client/imap-client.ts';
import type { MailMaker } from '../mail.ts';
import { password, reader, type Server } from '../servers/server.ts';
import type { Box } from './scenario.ts';

/** Connections that append side by side, so that neighbours may change places. */
const lanes = 8;
/** Sent on each before the first of them is answered. */
const ahead = 8;

/** Messages that one COPY takes. */
const copied = 10_000;

/** Makes the mailbox and appends its messages. Calls `progress` with the number of messages there. */
export async function fill(
  server: Server,
  box: Box,
  mail: MailMaker,
  progress: (done: number) => void,
): Promise<void> {
  const client = await ImapClient.login({ port: server.imap ?? 0 }, reader, password);
  await client.ask(`CREATE "${box.mailbox}"`).catch(() => undefined); // INBOX is there
  await client.close();
  let next = 0;
  let done = 0;
  const take = () => (next < box.count ? next++ : undefined);
  const tell = (count: number) => {
    done += count;
    progress(done);
  };
  const open = Array.from({ length: Math.min(lanes, box.count) }, () => lane(server, box, mail, take, tell));
  await Promise.all(open);
}

/** Copies messages of `source` to a mailbox that has `size` until it has `count`. */
export async function copyUpTo(
  server: Server,
  source: Box,
  { mailbox, count }: Box,
  size: number,
  progress: (done: number) => void,
): Promise<void> {
  const client = await ImapClient.login({ port: server.imap ?? 0 }, reader, password);
  await client.ask(`CREATE "${mailbox}"`).catch(() => undefined); // it is there
  await client.select(source.mailbox);
  for (let done = size; done < count; ) {
    const some = Math.min(copied, source.count, count - done);
    await client.ask(`COPY 1:${some} "${mailbox}"`);
    done += some;
    progress(done);
  }
  await client.close();
}

async function lane(
  server: Server,
  { mailbox, octets }: Box,
  mail: MailMaker,
  take: () => number | undefined,
  tell: (count: number) => void,
): Promise<void> {
  const client = await ImapClient.login({ port: server.imap ?? 0 }, reader, password);
  let underWay: Promise<unknown>[] = [];
  for (let i = take(); i !== undefined; i = take()) {
    const message = octets === undefined ? mail.message(i) : mail.sized(i, octets);
    underWay.push(client.append(mailbox, message, i % 3 === 0 ? '' : '\\Seen'));
    if (underWay.length < ahead) continue;
    await Promise.all(underWay);
    tell(underWay.length);
    underWay = [];
  }
  await Promise.all(underWay);
  tell(underWay.length);
  await client.close();
}
