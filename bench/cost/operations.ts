/**
 * What people do with mail, each measured alone: name, and how to do it once. The table of
 * requests, the table of dollars and the table of waits are all made from this list.
 */
import { ImapFlow } from 'imapflow';
import { invokeRequest } from '../../local/lambda/queue-source.ts';
import type { Task } from '../../test/support/in-process.ts';
import { LineClient } from './line-client.ts';
import { messageOf } from './message.ts';
import { password, type World } from './world.ts';

export interface Operation {
  readonly name: string;
  /** Brings about what it needs, then measures one action. */
  readonly run: (world: World) => Promise<void>;
}

const largeBytes = 5_000_000;

const receiving: readonly Operation[] = [
  {
    name: 'receive, 1 recipient',
    run: async (world) => {
      const user = await world.account();
      await world.measure(() => world.deliver([user]));
    },
  },
  {
    name: 'receive, 1 recipient, another within a minute',
    run: async (world) => {
      const user = await world.account();
      await world.deliver([user]);
      await world.measure(() => world.deliver([user]));
    },
  },
  {
    name: 'receive, 1 recipient, IMAP session in IDLE',
    run: async (world) => {
      const user = await world.account();
      const { client, task } = await beforeIdle(world, user);
      await idle(client);
      await pass(world, task, 0.25);
      await world.measure(() => world.deliver([user]));
      await client.end();
    },
  },
  {
    name: 'receive, 10 recipients of one tenant',
    run: async (world) => {
      const users = await world.accounts(10);
      await world.measure(() => world.deliver(users));
    },
  },
];

const opening: readonly Operation[] = [
  {
    name: 'LOGIN + SELECT, cold task',
    run: async (world) => {
      const user = await world.filled(1);
      const task = await world.postfold.startTask('rung');
      await world.measure(async () => {
        const client = await world.imap(task, user);
        await client.imap('SELECT INBOX');
      });
    },
  },
  {
    name: 'LOGIN + SELECT, cold task, account with a snapshot',
    run: async (world) => {
      const user = await snapshotted(world);
      const task = await world.postfold.startTask('rung');
      await world.measure(async () => {
        const client = await world.imap(task, user);
        await client.imap('SELECT INBOX');
      });
    },
  },
  {
    name: 'LOGIN + SELECT, warm task',
    run: async (world) => {
      const user = await world.filled(1);
      const task = await world.postfold.startTask('rung');
      const first = await world.imap(task, user);
      await first.imap('SELECT INBOX');
      await world.measure(async () => {
        const client = await world.imap(task, user);
        await client.imap('SELECT INBOX');
      });
    },
  },
  {
    name: 'LOGOUT of the last session',
    run: async (world) => {
      const client = await world.inbox(await world.filled(1));
      await world.measure(async () => {
        await client.imap('LOGOUT');
        await client.end();
      });
    },
  },
  {
    name: 'IDLE begins',
    run: async (world) => {
      const { client, task } = await beforeIdle(world, await world.filled(1));
      await world.measure(async () => {
        await idle(client);
        await pass(world, task, 0.25);
      });
      await client.end();
    },
  },
  {
    name: 'IDLE, one minute',
    run: async (world) => {
      const { client, task } = await beforeIdle(world, await world.filled(1));
      await idle(client);
      await pass(world, task, 0.25);
      await world.measure(() => pass(world, task, 1));
      await client.end();
    },
  },
];

/** Takes seconds: not for a test. */
export const idleHour: Operation = {
  name: 'IDLE, one hour',
  run: async (world) => {
    const { client, task } = await beforeIdle(world, await world.filled(1));
    await world.measure(async () => {
      // Clients renew IDLE in time (RFC 2177).
      for (const minutes of [25, 29]) {
        await idle(client);
        await pass(world, task, minutes);
        client.send('DONE\r\n');
        await client.until(/i OK [^\n]*\r\n$/);
      }
      await idle(client);
      await pass(world, task, 6);
    });
    await client.end();
  },
};

const reading: readonly Operation[] = [
  {
    name: 'FETCH 50 envelopes, records not yet read',
    run: async (world) => {
      const client = await world.inbox(await world.filled(50, messageOf(5_000)));
      await world.measure(() => client.imap('FETCH 1:* (UID FLAGS ENVELOPE)'));
    },
  },
  {
    name: 'FETCH 50 envelopes, again',
    run: async (world) => {
      const client = await world.inbox(await world.filled(50, messageOf(5_000)));
      await client.imap('FETCH 1:* (UID FLAGS ENVELOPE)');
      await world.measure(() => client.imap('FETCH 1:* (UID FLAGS ENVELOPE)'));
    },
  },
  {
    name: 'FETCH BODY.PEEK[]',
    run: async (world) => {
      const client = await world.inbox(await world.filled(1));
      await world.measure(() => client.imap('FETCH 1 BODY.PEEK[]'));
    },
  },
  {
    name: 'FETCH BODY.PEEK[], again',
    run: async (world) => {
      const client = await world.inbox(await world.filled(1));
      await client.imap('FETCH 1 BODY.PEEK[]');
      await world.measure(() => client.imap('FETCH 1 BODY.PEEK[]'));
    },
  },
  {
    name: 'FETCH BODY[], envelope read before',
    run: async (world) => {
      const client = await world.inbox(await world.filled(1));
      await client.imap('FETCH 1 ENVELOPE');
      await world.measure(() => client.imap('FETCH 1 BODY[]'));
    },
  },
  {
    name: 'FETCH BODY.PEEK[1] of 5 MB',
    run: async (world) => {
      const client = await world.inbox(await world.filled(1, messageOf(largeBytes)));
      await world.measure(() => client.imap('FETCH 1 BODY.PEEK[1]'));
    },
  },
];

const withImapflow: readonly Operation[] = [
  {
    name: 'imapflow: connect, open INBOX, read the newest, log out',
    run: async (world) => {
      const user = await world.filled(3);
      const { ports } = await world.postfold.startTask('rung');
      const client = new ImapFlow({
        ...{ host: '127.0.0.1', port: ports.imap, secure: false, doSTARTTLS: false, logger: false },
        auth: { user, pass: password },
      });
      await world.measure(async () => {
        await client.connect();
        await client.mailboxOpen('INBOX');
        await client.fetchOne('*', { uid: true, envelope: true, flags: true, source: true });
        await client.logout();
      });
    },
  },
];

const changing: readonly Operation[] = [
  {
    name: 'STORE one flag',
    run: async (world) => {
      const client = await world.inbox(await world.filled(1));
      await world.measure(() => client.imap('STORE 1 +FLAGS (\\Flagged)'));
    },
  },
  {
    name: 'MOVE of 1',
    run: async (world) => {
      const client = await world.inbox(await world.filled(1));
      await world.measure(() => client.imap('MOVE 1 Archive'));
    },
  },
  {
    name: 'MOVE of 100',
    run: async (world) => {
      const client = await world.inbox(await world.filled(100, messageOf(5_000)));
      await world.measure(() => client.imap('MOVE 1:* Archive'));
    },
  },
  {
    name: 'APPEND',
    run: async (world) => {
      const client = await world.inbox(await world.account());
      await world.measure(() => client.imap('APPEND Sent (\\Seen)', world.message));
    },
  },
  {
    name: 'EXPUNGE of 1',
    run: async (world) => {
      const client = await world.inbox(await world.filled(1));
      await client.imap('STORE 1 +FLAGS (\\Deleted)');
      await world.measure(() => client.imap('EXPUNGE'));
    },
  },
];

const popping: readonly Operation[] = [
  {
    name: 'POP3 session that reads and deletes one message',
    run: async (world) => {
      const user = await world.filled(1);
      await world.measure(() => popSession(world, user, ['UIDL', 'RETR 1', 'DELE 1']));
    },
  },
  {
    name: 'POP3 session that finds nothing new',
    run: async (world) => {
      const user = await world.filled(1);
      await world.measure(() => popSession(world, user, ['UIDL']));
    },
  },
];

const sending: readonly Operation[] = [
  {
    name: 'send: submission to relay to the 250 of the other side',
    run: async (world) => {
      const user = await world.account();
      const count = world.sink.taken.length;
      await world.measure(async () => {
        await world.deliver(['friend@remote.example'], user);
        await world.sink.until(count + 1);
      });
    },
  },
  {
    name: 'the tick, nothing due',
    run: async (world) => {
      await world.measure(() => world.postfold.cloud.dispatch(invokeRequest('postfold-tick', {})));
    },
  },
];

export const operations: readonly Operation[] = [
  ...receiving,
  ...sending,
  ...opening,
  ...reading,
  ...withImapflow,
  ...changing,
  ...popping,
];

/** An account with 20 messages whose last session has left a snapshot behind. */
async function snapshotted(world: World): Promise<string> {
  const user = await world.filled(20, messageOf(5_000));
  const task = await world.postfold.startTask('not-rung');
  const client = await world.imap(task, user);
  await client.imap('SELECT INBOX');
  for (let n = 0; n < 250; n++) {
    await client.imap('STORE 1 +FLAGS.SILENT (\\Flagged)');
    await client.imap('STORE 1 -FLAGS.SILENT (\\Flagged)');
  }
  await client.imap('LOGOUT');
  await client.end();
  await world.postfold.quiet();
  await task.stop();
  return user;
}

async function beforeIdle(world: World, user: string) {
  const task = await world.postfold.startTask('rung');
  const client = await world.imap(task, user);
  await client.imap('SELECT INBOX');
  return { client, task };
}

async function idle(client: LineClient): Promise<void> {
  client.send('i IDLE\r\n');
  await client.until(/\+ idling\r\n$/);
}

/** Minute by minute, so that every look has its answer before the next. */
async function pass(world: World, { clock }: Task, minutes: number): Promise<void> {
  for (let step = 0; step < minutes * 4; step++) {
    await clock.advance(15_000);
    await world.postfold.quiet();
  }
}

async function popSession(world: World, user: string, commands: readonly string[]): Promise<void> {
  const task = await world.postfold.startTask('not-rung');
  const client = await LineClient.open(task.ports.pop3);
  await client.say(`USER ${user}`, /^\+OK/);
  await client.say(`PASS ${password}`, /^\+OK/);
  for (const command of commands) {
    client.send(`${command}\r\n`);
    await client.until(command.startsWith('DELE') ? /\r\n$/ : /\r\n\.\r\n$/);
  }
  await client.say('QUIT', /^\+OK/);
  await client.end();
}
