import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { Connection } from '../../core/protocol/wire/connection.ts';
import { testCertificate, testTls } from '../../core/protocol/wire/testing/tls.ts';
import { type ListenSettings, listen, type OnConnection, type TurnedAway } from './listen.ts';

const settings: ListenSettings = {
  host: '127.0.0.1',
  port: 0,
  proxyProtocol: false,
  maxConnections: 10,
  maxPerAddress: 10,
};

/** Says who the client is, then answers each line with itself until told to drain. */
const echo: OnConnection = async (stream, remote, draining) => {
  const connection = new Connection(stream, 5000);
  await connection.write(`${remote.address}\r\n`);
  while (await connection.waitForInput(draining)) {
    const line = await connection.readLine(100);
    if (line.kind !== 'line' || line.octets.toString() === 'QUIT') break;
    await connection.write(`${line.octets}\r\n`);
  }
  await connection.write('bye\r\n');
  await connection.end();
};

async function serve(t: TestContext, changes: Partial<ListenSettings>, onConnection = echo) {
  const turnedAway: TurnedAway[] = [];
  const listener = await listen(
    { ...settings, ...changes },
    onConnection,
    (bug) => assert.fail(String(bug)),
    (event) => turnedAway.push(event),
  );
  t.after(() => listener.drain(0));
  return { listener, turnedAway, dial: () => connect(listener.port, '127.0.0.1') };
}

const firstLine = async (socket: Socket) => String((await once(socket, 'data'))[0]);

test('hands out the stream and the client address', async (t) => {
  const { dial } = await serve(t, {});
  const client = dial();
  client.end('one\r\nQUIT\r\n');
  assert.equal(await text(client), '127.0.0.1\r\none\r\nbye\r\n');
});

test('implicit TLS, also behind a PROXY header', async (t) => {
  const { dial } = await serve(t, { implicitTls: testTls, proxyProtocol: true });
  const plain = dial();
  plain.write('PROXY TCP4 192.0.2.7 198.51.100.1 55555 465\r\n');
  const client = connectTls({ socket: plain, ca: testCertificate, servername: 'localhost' });
  client.write('QUIT\r\n');
  assert.equal(await text(client), '192.0.2.7\r\nbye\r\n');
});

test('the PROXY header may come in one chunk with what follows, a missing one ends it', async (t) => {
  const { dial } = await serve(t, { proxyProtocol: true });
  const client = dial();
  client.end('PROXY TCP4 192.0.2.7 198.51.100.1 5 25\r\nhello\r\nQUIT\r\n');
  assert.equal(await text(client), '192.0.2.7\r\nhello\r\nbye\r\n');
  const liar = dial();
  liar.write('EHLO there\r\n');
  assert.equal(await text(liar), '');
});

test('too many connections, in all or of one client, are told so', async (t) => {
  for (const limit of [{ maxConnections: 1 }, { maxPerAddress: 1 }]) {
    const { listener, dial } = await serve(t, { ...limit, busyLine: 'busy\r\n' });
    const first = dial();
    await firstLine(first);
    assert.equal(await text(dial()), 'busy\r\n');
    first.end('QUIT\r\n');
    await once(first.resume(), 'close');
    while (listener.connections > 0) await new Promise(setImmediate);
    assert.equal(await firstLine(dial()), '127.0.0.1\r\n');
  }
});

test('who is turned away is told of, and a flood of them once in a while', async (t) => {
  const remote = '127.0.0.1';
  const full = await serve(t, { maxPerAddress: 1 });
  await firstLine(full.dial());
  for (let n = 0; n < 5; n++) await text(full.dial());
  assert.deepEqual(full.turnedAway, [{ reason: 'too many of one address', remote, count: 1 }]);
  const proxied = await serve(t, { proxyProtocol: true });
  proxied.dial().write('EHLO there\r\n');
  const secure = await serve(t, { implicitTls: testTls });
  const plain = secure.dial();
  plain.write('EHLO there\r\n');
  await once(plain.on('error', () => {}).resume(), 'close');
  while (proxied.turnedAway.length === 0 || secure.turnedAway.length === 0) await new Promise(setImmediate);
  assert.deepEqual(proxied.turnedAway, [{ reason: 'no PROXY header', remote, count: 1 }]);
  assert.deepEqual(secure.turnedAway, [{ reason: 'no TLS', remote, count: 1 }]);
});

test('draining lets a session end by itself, and cuts off one that does not', async (t) => {
  const { listener, dial } = await serve(t, {});
  const polite = dial();
  await firstLine(polite);
  const farewell = text(polite);
  await listener.drain(5000);
  assert.equal(await farewell, 'bye\r\n');
  await assert.rejects(once(dial(), 'connect'), { code: 'ECONNREFUSED' });

  const deaf = await serve(t, {}, async (stream) => {
    await once(stream.resume(), 'close');
  });
  const stuck = deaf.dial();
  await once(stuck, 'connect');
  const cut = once(
    stuck.on('error', () => {}),
    'close',
  );
  await deaf.listener.drain(10);
  await cut;
  assert.equal(deaf.listener.connections, 0);
});
