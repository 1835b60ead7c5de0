import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { Connection } from '../wire/connection.ts';
import type { Pop3Event } from './context.ts';
import { autologoutMs, loginTimeoutMs } from './limits.ts';
import { servePop3 } from './session.ts';
import { MemoryAccount } from './testing/memory-account.ts';

/** A session whose timers the test moves. */
async function begin(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const account = new MemoryAccount();
  account.deliver('a\r\n');
  const events: Pop3Event[] = [];
  const [server, client] = duplexPair();
  const session = servePop3(
    {
      directory: {
        authenticate: async () => ({ account: account.key, login: 'ann@example.org', quotaBytes: 0 }),
      },
      accounts: account,
      clock: { now: () => 0, after: () => assert.fail('nobody waits') },
      insecureAuth: true,
      onEvent: (event) => events.push(event),
    },
    new Connection(server, 1),
    '192.0.2.1',
    new AbortController().signal,
  );
  client.setEncoding('latin1');
  assert.match(await said(client), /^\+OK/);
  return { account, events, client, session, tick: t.mock.timers.tick.bind(t.mock.timers) };
}

async function said(client: Duplex): Promise<string> {
  return String((await once(client, 'data'))[0]);
}

async function ask(client: Duplex, command: string): Promise<string> {
  client.write(`${command}\r\n`);
  return said(client);
}

test('ten minutes of silence end a session, and nothing is deleted (RFC 1939 3)', async (t) => {
  const { account, events, client, session, tick } = await begin(t);
  await ask(client, 'USER ann@example.org');
  await ask(client, 'PASS x');
  assert.equal(await ask(client, 'DELE 1'), '+OK message 1 marked\r\n');
  const entries = account.entries.length;
  tick(autologoutMs - 1);
  assert.equal(await ask(client, 'STAT'), '+OK 0 0\r\n');
  const last = said(client);
  tick(autologoutMs);
  assert.equal(await last, '-ERR Silent too long\r\n');
  client.end();
  await session;
  assert.equal(account.entries.length, entries);
  assert.equal(account.holders, 0);
  assert.deepEqual(
    events.map((event) => (event.event === 'pop3.end' ? event.reason : event.event)),
    ['pop3.login', 'idle'],
  );
});

test('a stranger has less time', async (t) => {
  const { client, session, tick } = await begin(t);
  const last = said(client);
  tick(loginTimeoutMs);
  assert.equal(await last, '-ERR Silent too long\r\n');
  client.end();
  await session;
});
