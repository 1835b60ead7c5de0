/** POP3 from somebody who means no good. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { outside } from '../support/clients.ts';
import { alice, password, postfoldFor } from '../support/postfold.ts';
import { RawClient } from './raw-client.ts';
import { strainOf } from './server-health.ts';

const postfold = await postfoldFor(after, { options: ['--insecure-auth'] });

before(async () => {
  const transport = outside(postfold);
  await transport.sendMail({ from: 'a@example.org', to: alice, subject: 'small', text: 'hello' });
  const raw = `Subject: large\r\n\r\n${`${'x'.repeat(998)}\r\n`.repeat(20_000)}`;
  await transport.sendMail({ envelope: { from: 'a@example.org', to: alice }, raw });
});

async function dial(): Promise<RawClient> {
  const client = await RawClient.dial(postfold.ports.pop3);
  assert.match((await client.line()) ?? '', /^\+OK/);
  return client;
}

async function say(client: RawClient, line: string): Promise<string> {
  await client.write(`${line}\r\n`);
  return (await client.line()) ?? '(closed)';
}

async function loggedIn(): Promise<RawClient> {
  const client = await dial();
  await say(client, `USER ${alice}`);
  assert.match(await say(client, `PASS ${password}`), /^\+OK 2 /);
  return client;
}

const badBeforeLogin = [
  'FROB',
  '',
  '\0',
  '\xff\xfe',
  'USER',
  'PASS x',
  'STAT',
  'RETR 1',
  'STLS x',
  'x'.repeat(5000),
];

for (const line of badBeforeLogin) {
  test(`before login ${JSON.stringify(line.slice(0, 20))} is -ERR and the session goes on`, async () => {
    const client = await dial();
    assert.match(await say(client, line), /^-ERR /);
    assert.match(await say(client, `USER ${alice}`), /^\+OK/);
    assert.match(await say(client, `PASS ${password}`), /^\+OK/);
    client.close();
  });
}

const badAfterLogin = [
  ...[
    'FROB',
    'RETR 0',
    'RETR -1',
    'RETR 3',
    'RETR 99999999999999999999',
    'RETR 1.0',
    'RETR 1e0',
    'RETR',
    'RETR 1 2',
  ],
  ...['TOP 1 -1', 'TOP 1 99999999999999999999', 'TOP 1', 'TOP 0 1', 'TOP 3 1', 'LIST 0', 'LIST 4294967297'],
  ...[
    'UIDL -1',
    'UIDL x',
    'DELE 0',
    'DELE 4294967297',
    'USER x',
    'PASS x',
    'STLS',
    'AUTH PLAIN',
    'NOOP x',
    'STAT 1',
  ],
];

test('numbers that are none and commands out of place are -ERR, and nothing is touched', async () => {
  for (const line of badAfterLogin) {
    const client = await loggedIn();
    assert.match(await say(client, line), /^-ERR /, line);
    assert.match(await say(client, 'STAT'), /^\+OK 2 /, line);
    client.close();
  }
});

test('200 MB without a line end cost no memory and no turn of others', async () => {
  const client = await loggedIn();
  const strain = await strainOf(postfold, async () => {
    const garbage = Buffer.alloc(1 << 20, 'x');
    for (let n = 0; n < 200; n++) await client.write(garbage);
    assert.match(await say(client, ''), /^-ERR /);
  });
  assert.match(await say(client, 'STAT'), /^\+OK 2 /);
  assert.ok(strain.grownMegabytes < 200 && strain.waitedMs < 2000, JSON.stringify(strain));
});

test('20 MB asked for fifty times and never read stay where they are', async () => {
  const clients = await Promise.all(Array.from({ length: 20 }, loggedIn));
  const strain = await strainOf(postfold, async () => {
    for (const client of clients) {
      client.stopReading();
      await client.write('RETR 2\r\n'.repeat(50));
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  });
  assert.ok(strain.grownMegabytes < 200 && strain.waitedMs < 2000, JSON.stringify(strain));
  for (const client of clients) client.reset();
  assert.match(await say(await loggedIn(), 'TOP 2 0'), /^\+OK/);
});

test('what came in clear behind STLS is forgotten', async () => {
  const client = await dial();
  await client.write(`STLS\r\nUSER ${alice}\r\nPASS ${password}\r\n`);
  assert.match((await client.line()) ?? '', /^\+OK/);
  const secure = await client.secured();
  assert.match(await say(secure, 'STAT'), /^-ERR /);
  assert.match(await say(secure, `PASS ${password}`), /^-ERR /);
  assert.match(await say(secure, `USER ${alice}`), /^\+OK/);
});

test('DELE and a lost connection delete nothing', async () => {
  for (const leave of ['close', 'reset', 'halfClose'] as const) {
    const client = await loggedIn();
    assert.match(await say(client, 'DELE 1'), /^\+OK/);
    client[leave]();
  }
  assert.match(await say(await loggedIn(), 'STAT'), /^\+OK 2 /);
});

test('a stranger may not go on for ever, however well he behaves', async () => {
  const client = await dial();
  await client.write('CAPA\r\n'.repeat(100));
  assert.match(await client.rest(), /\r\n-ERR Too many commands without a login\r\n$/);
});

test('twenty bad commands in a row are enough', async () => {
  const client = await dial();
  await client.write('FROB\r\n'.repeat(30));
  assert.equal((await client.rest()).trim().split('\r\n').length, 20);
});
