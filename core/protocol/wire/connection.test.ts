import assert from 'node:assert/strict';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { Connection, ConnectionEnded } from './connection.ts';

function pair(idleTimeoutMs = 1000) {
  const [server, client] = duplexPair();
  return { connection: new Connection(server, idleTimeoutMs), client };
}

test('lines are cut at CRLF wherever the chunks end', async () => {
  const { connection, client } = pair();
  client.write('EHLO ex');
  client.write('ample\r');
  client.write('\nNOOP\r\nrest');
  assert.deepEqual(await connection.readLine(100), {
    kind: 'line',
    octets: Buffer.from('EHLO example'),
    bare: false,
  });
  assert.deepEqual(await connection.readLine(100), {
    kind: 'line',
    octets: Buffer.from('NOOP'),
    bare: false,
  });
  assert.equal(connection.hasInput, true);
  assert.equal((await connection.readSome(2)).toString(), 're');
});

test('a line that is too long is read to its end and the next one is intact', async () => {
  const { connection, client } = pair();
  client.write('x'.repeat(50_000));
  client.write('x\r\nQUIT\r\n');
  assert.deepEqual(await connection.readLine(512), { kind: 'too-long', bare: false });
  const next = await connection.readLine(512);
  assert.equal(next.kind === 'line' && next.octets.toString(), 'QUIT');
});

test('a line that is too long tells how it ended, wherever the chunks end', async () => {
  const { connection, client } = pair();
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const long = 'x'.repeat(1000);
  for (const [chunks, bare] of [
    [[`${long}\n`], true],
    [[long, '\n'], true],
    [[`${long}\r`, '\n'], false],
    [[long, long, '\r', '\n'], false],
    [['x'.repeat(513), '\n'], true],
  ] as const) {
    const line = connection.readLine(512);
    for (const chunk of chunks) {
      client.write(chunk);
      await settle();
    }
    assert.deepEqual(await line, { kind: 'too-long', bare });
  }
});

test('LF alone and CR inside are marked', async () => {
  const { connection, client } = pair();
  client.write('a\nb\rc\r\n');
  assert.deepEqual(await connection.readLine(10), { kind: 'line', octets: Buffer.from('a'), bare: true });
  assert.deepEqual(await connection.readLine(10), { kind: 'line', octets: Buffer.from('b\rc'), bare: true });
});

test('counted octets are exact and leave the rest', async () => {
  const { connection, client } = pair();
  client.write('abc');
  client.write('defghi');
  const chunks = [];
  for await (const chunk of connection.readOctets(5)) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), 'abcde');
  assert.equal((await connection.readSome(100)).toString(), 'fghi');
});

test('silence and hang-up end a read with their reason', async () => {
  const silent = pair(20);
  await assert.rejects(silent.connection.readLine(10), { name: 'ConnectionEnded', reason: 'idle' });
  const gone = pair();
  gone.client.write('half');
  gone.client.end();
  await assert.rejects(gone.connection.readLine(10), { name: 'ConnectionEnded', reason: 'closed' });
});

test('octets that drip do not make a line last longer than the idle time', async () => {
  const { connection, client } = pair(60);
  const drip = setInterval(() => client.write('x'), 10);
  const begunMs = performance.now();
  await assert.rejects(connection.readLine(1000), { reason: 'idle' });
  clearInterval(drip);
  assert.ok(performance.now() - begunMs < 1000);
});

test('a peer that never reads stops us at the write', async () => {
  const { connection } = pair(20);
  const write = async () => {
    for (;;) await connection.write(Buffer.alloc(65_536));
  };
  await assert.rejects(write(), ConnectionEnded);
});

test('waiting for input can be called off and consumes nothing', async () => {
  const { connection, client } = pair();
  const called = new AbortController();
  const waiting = connection.waitForInput(called.signal);
  called.abort();
  assert.equal(await waiting, false);
  client.write('DONE\r\n');
  assert.equal(await connection.waitForInput(new AbortController().signal), true);
  const line = await connection.readLine(10);
  assert.equal(line.kind === 'line' && line.octets.toString(), 'DONE');
});

test('a peer that has closed its half still gets the answers to what it sent', async () => {
  const { connection, client } = pair();
  client.end('NOOP\r\n');
  const line = await connection.readLine(10);
  assert.equal(line.kind === 'line' && line.octets.toString(), 'NOOP');
  await assert.rejects(connection.readLine(10), { reason: 'closed' });
  await connection.write('250 OK\r\n');
  assert.equal(String((await once(client, 'data'))[0]), '250 OK\r\n');
});
