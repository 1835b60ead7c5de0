/** What mail clients do, on mailboxes of several sizes, and what does not depend on the size. */
import { ImapClient } from '../client/imap-client.ts';
import { rareSubject, rareText } from '../mail.ts';
import { type Load, measure, type Sample } from '../measure.ts';
import { Random } from '../random.ts';
import { password, reader, type Server, userOf, writer } from '../servers/server.ts';
import { type Box, type Context, type Scenario, speaksImap, type Target } from './scenario.ts';

/** A few messages with a large file each. */
const largeBox: Box = { mailbox: 'large', count: 8, octets: 5 * 1024 * 1024 };

/** The large mailboxes of Dovecot are mdbox, what is appended is sdbox, the rest maildir. */
const dovecot = (atLeast: number): Target => ({ peer: 'dovecot', atLeast });
const cyrus = (atLeast: number): Target => ({ peer: 'cyrus', atLeast });

interface More {
  readonly targets?: readonly Target[];
  readonly connections?: number;
  /** FETCH responses that every command must bring. */
  readonly fetches?: number;
}

/** One command after the other on a mailbox; `next` gives the command. */
function onBox(
  name: string,
  box: Box,
  next: (random: Random, n: number) => string,
  more: More = {},
): Scenario {
  const { targets, connections = 1, fetches = 0 } = more;
  return {
    name: `IMAP ${name}`,
    runsOn: speaksImap,
    box,
    ...(targets === undefined ? {} : { targets }),
    run: (server, { seconds }) =>
      measure({ connections, seconds }, server.roots, async (worker) => {
        const client = await ImapClient.login({ port: server.imap ?? 0 }, reader, password);
        await client.select(box.mailbox);
        const random = new Random(worker, box.count);
        if (fetches > 1) await client.ask(next(random, 0)); // warm
        return {
          step: async (n) => {
            const reply = await client.ask(next(random, n));
            if (reply.fetches < fetches) throw new Error(`${reply.fetches} FETCH of ${fetches}`);
          },
          close: () => client.close(),
        };
      }),
  };
}

/** `label` as in 10k. */
export function boxScenarios(count: number, label: string): readonly Scenario[] {
  const box: Box = { mailbox: `box${count}`, count };
  const largest = count >= 100_000;
  const all = (items: string) => () => `FETCH 1:* (${items})`;
  const some = (random: Random) => 1 + random.below(count);
  const sign = (random: Random) => (random.fraction() < 0.5 ? '+' : '-');
  return [
    select(box, label),
    selectFresh(box, label),
    onBox(`FETCH 1:* (UID FLAGS), ${label}`, box, all('UID FLAGS'), {
      fetches: count,
      targets: [dovecot(1)],
    }),
    onBox(`FETCH 1:* (ENVELOPE BODYSTRUCTURE), ${label}`, box, all('ENVELOPE BODYSTRUCTURE'), {
      ...{ fetches: count, targets: [dovecot(1)] },
    }),
    onBox(`FETCH BODY[] of one, 4 conn, ${label}`, box, (random) => `FETCH ${some(random)} BODY.PEEK[]`, {
      ...{ fetches: 1, connections: 4, targets: [dovecot(0.4)] },
    }),
    onBox(
      `STORE of one, ${label}`,
      box,
      (random) => `STORE ${some(random)} ${sign(random)}FLAGS (\\Flagged)`,
      {
        targets: [cyrus(1)], // Dovecot's OK does not wait for the disk
      },
    ),
    onBox(
      `STORE 1:*, ${label}`,
      box,
      (_, n) => `STORE 1:* ${n % 2 === 0 ? '+' : '-'}FLAGS.SILENT (\\Flagged)`,
      {
        targets: [dovecot(0.5), ...(largest ? [cyrus(5)] : [])],
      },
    ),
    ...(largest ? [] : [move(box, label)]),
    onBox(`SEARCH SUBJECT, ${label}`, box, () => `SEARCH SUBJECT ${rareSubject}`),
    ...(largest ? [] : [onBox(`SEARCH BODY, ${label}`, box, () => `SEARCH BODY ${rareText}`)]),
  ];
}

export function imapScenarios(): readonly Scenario[] {
  return [
    login(),
    onBox(
      'FETCH first part of 5 MB',
      largeBox,
      (random) => `FETCH ${1 + random.below(largeBox.count)} BODY.PEEK[1]`,
      {
        ...{ fetches: 1, targets: [dovecot(0.4)] },
      },
    ),
    append('4 KB', 4096),
    append('100 KB', 100 * 1024),
  ];
}

function login(): Scenario {
  const load = { connections: 8 };
  return {
    name: 'IMAP login and logout, 8 conn',
    runsOn: speaksImap,
    targets: [dovecot(1)],
    run: (server, { seconds }) =>
      measure({ ...load, seconds }, server.roots, async () => ({
        step: async (n) => {
          const client = await ImapClient.login({ port: server.imap ?? 0 }, userOf(n), password);
          await client.close();
        },
        close: () => {},
      })),
  };
}

function select(box: Box, label: string): Scenario {
  return {
    name: `IMAP SELECT warm, ${label}`,
    box,
    runsOn: speaksImap,
    run: (server, { seconds }) =>
      measure({ connections: 1, seconds }, server.roots, async () => {
        const client = await ImapClient.login({ port: server.imap ?? 0 }, reader, password);
        return { step: () => client.select(box.mailbox), close: () => client.close() };
      }),
  };
}

/** The login before it is not in the times, but it is in the CPU. */
function selectFresh(box: Box, label: string): Scenario {
  return {
    name: `IMAP SELECT, fresh connection, ${label}`,
    box,
    runsOn: speaksImap,
    run: (server, { seconds }) =>
      measure({ connections: 1, seconds }, server.roots, async () => {
        let client: ImapClient | undefined;
        return {
          before: async () => {
            await client?.close();
            client = await ImapClient.login({ port: server.imap ?? 0 }, reader, password);
          },
          step: async () => client?.select(box.mailbox),
          close: () => client?.close(),
        };
      }),
  };
}

/** Back and forth between two mailboxes that are made for it. */
function move(box: Box, label: string): Scenario {
  return {
    name: `IMAP MOVE 1:*, ${label}`,
    box,
    runsOn: speaksImap,
    targets: [dovecot(1)],
    run: async (server, { seconds }) => {
      const client = await ImapClient.login({ port: server.imap ?? 0 }, reader, password);
      const boxes = ['there', 'back'];
      for (const name of boxes) {
        await client.ask(`DELETE ${name}`).catch(() => undefined); // of a run that failed
        await client.ask(`CREATE ${name}`);
      }
      await client.select(box.mailbox);
      await client.ask('COPY 1:* there');
      let at = 0;
      const load: Load = { connections: 1, seconds, most: 50 };
      return measure(load, server.roots, async () => ({
        before: async () => {
          const moved = await client.select(boxes[at % 2] ?? '');
          if (moved !== box.count) throw new Error(`${moved} of ${box.count} arrived`);
        },
        step: async () => {
          at += 1;
          await client.ask(`MOVE 1:* ${boxes[at % 2]}`);
        },
        close: async () => {
          await client.select('INBOX');
          for (const name of boxes) await client.ask(`DELETE ${name}`);
          await client.close();
        },
      }));
    },
  };
}

function append(label: string, octets: number): Scenario {
  const run = (server: Server, { mail, seconds }: Context): Promise<Sample> => {
    const messages = Array.from({ length: 32 }, (_, i) => mail.sized(i, octets));
    return measure({ connections: 4, seconds, most: 20_000 }, server.roots, async () => {
      const client = await ImapClient.login({ port: server.imap ?? 0 }, writer, password);
      return {
        step: async (n) => {
          const message = messages[n % messages.length];
          if (message) await client.append('INBOX', message);
        },
        close: () => client.close(),
      };
    });
  };
  return { name: `IMAP APPEND ${label}, 4 conn`, runsOn: speaksImap, targets: [dovecot(0.5)], run };
}
