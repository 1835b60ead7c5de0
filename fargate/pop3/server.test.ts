import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Identity } from '../../core/mail/ports/directory.ts';
import type { Pop3Event } from '../../core/protocol/pop3/context.ts';
import { MemoryAccount } from '../../core/protocol/pop3/testing/memory-account.ts';
import { testTls } from '../../core/protocol/wire/testing/tls.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { startPop3 } from './server.ts';
import { defaultSettings, type Pop3Settings, readSettings } from './settings.ts';

const script = join(import.meta.dirname, 'clients.py');
const missing = (command: string) =>
  spawnSync('sh', ['-c', `command -v ${command}`]).status === 0 ? false : `${command} is not installed`;

async function serve(t: TestContext, changes: Partial<Pop3Settings> = {}) {
  const account = new MemoryAccount();
  account.chunkOctets = 65_536;
  const events: Pop3Event[] = [];
  const identity: Identity = { account: account.key, login: 'ann@example.org', quotaBytes: 0 };
  const server = await startPop3(
    {
      directory: {
        authenticate: async (login, password) =>
          login === identity.login && password === 'secret' ? identity : undefined,
      },
      accounts: account,
      clock: systemClock,
      tls: testTls,
      onEvent: (event) => events.push(event),
    },
    { ...defaultSettings, host: '127.0.0.1', port: 0, tlsPort: 0, ...changes },
  );
  t.after(() => server.drain(0));
  return { server, account, events };
}

const awkward = [
  'Subject: dots\r\n\r\n.\r\n..\r\n.x\r\nend\r\n',
  `Subject: long\r\n\r\n${'y'.repeat(90_000)}\r\n${'.z\r\n'.repeat(50_000)}`,
  `Subject: octets\r\n\r\n${'\xe9\xff\x80\x00'.repeat(100)}\r\n`,
];

for (const security of ['tls', 'stls']) {
  test(`poplib reads, over ${security}`, { skip: missing('python3') }, async (t) => {
    const { server, account } = await serve(t);
    for (const message of awkward) account.deliver(message);
    const port = security === 'tls' ? server.tlsPort : server.port;
    const seen = JSON.parse(
      await run('python3', [script, `${port}`, security, 'ann@example.org', 'secret', '2']),
    );
    assert.equal(seen.count, 3);
    assert.deepEqual(
      seen.messages.map((octets: string) => Buffer.from(octets, 'base64').toString('latin1')),
      awkward,
    );
    assert.deepEqual(seen.uidl, ['1 1700000000.1', '2 1700000000.2', '3 1700000000.3']);
    assert.deepEqual(seen.tops, [3, 3, 3]);
    const again = JSON.parse(
      await run('python3', [script, `${port}`, security, 'ann@example.org', 'secret', '0']),
    );
    assert.deepEqual(again.uidl, ['1 1700000000.1', '2 1700000000.3']);
  });
}

test('curl reads over both ports', { skip: missing('curl') }, async (t) => {
  const { server, account } = await serve(t);
  for (const message of awkward.slice(0, 2)) account.deliver(message);
  const curl = (...args: string[]) => run('curl', ['-sS', '-k', '--user', 'ann@example.org:secret', ...args]);
  const [implicit, plain] = [`pop3s://127.0.0.1:${server.tlsPort}`, `pop3://127.0.0.1:${server.port}`];
  assert.equal(await curl(`${implicit}/1`), awkward[0]);
  assert.equal(await curl('--ssl-reqd', `${plain}/2`), awkward[1]);
  assert.equal(
    await curl('--ssl-reqd', '--login-options', 'AUTH=PLAIN', `${plain}/`),
    `1 ${awkward[0]?.length}\r\n2 ${awkward[1]?.length}\r\n`,
  );
  assert.equal(await curl(implicit, '--request', 'UIDL'), '1 1700000000.1\r\n2 1700000000.2\r\n');
});

test('a client that does not read stops the message at its source', async (t) => {
  const { server, account } = await serve(t, { insecureAuth: true });
  account.deliver(`Subject: large\r\n\r\n${'x'.repeat(64 * 1024 * 1024)}\r\n`);
  const client = await logIn(server.port);
  client.write('RETR 1\r\n');
  let before = -1;
  while (before !== account.chunksStreamed) {
    before = account.chunksStreamed;
    await wait(100);
  }
  assert.ok(before < 256, `${before} chunks of 1024 were read ahead`);
  client.destroy();
});

test('draining ends sessions, and a second server cannot have the port', async (t) => {
  const { server, events } = await serve(t, { insecureAuth: true });
  await assert.rejects(serve(t, { port: server.port }), { code: 'EADDRINUSE' });
  const client = await logIn(server.port);
  const last = text(client);
  await server.drain(5000);
  assert.equal(await last, '-ERR [SYS/TEMP] Server is going down, come again\r\n');
  assert.deepEqual(events.at(-1), {
    event: 'pop3.end',
    remote: '127.0.0.1',
    login: 'ann@example.org',
    reason: 'draining',
    retrieved: 0,
    deleted: 0,
  });
});

test('settings come from the environment and are checked', () => {
  const settings = readSettings({ POSTFOLD_POP3_PORT: '1110', POSTFOLD_PROXY_PROTOCOL: '1' });
  assert.deepEqual([settings.port, settings.tlsPort, settings.proxyProtocol], [1110, 995, true]);
  assert.equal(settings.insecureAuth, false);
  assert.throws(() => readSettings({ POSTFOLD_POP3_PORT: '11o' }), /POSTFOLD_POP3_PORT is '11o'/);
});

/** A connection that has logged in and is not being read. */
async function logIn(port: number): Promise<Socket> {
  const client = connect(port, '127.0.0.1');
  client.write('USER ann@example.org\r\nPASS secret\r\n');
  let said = '';
  while (said.split('\r\n').length < 4) said += String((await once(client, 'data'))[0]);
  client.pause();
  return client;
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 });
  child.stdout.setEncoding('latin1');
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  assert.equal(code, 0, err);
  return out;
}
