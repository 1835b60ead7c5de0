import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openWorld, type World } from '../../../test/support/smtp/world.ts';
import { indexMessage } from '../../mail/message/index-message.ts';
import { encodeParts } from '../../mail/message/parts-codec.ts';
import type { IngestEvent, SeenBody } from '../receive/event.ts';
import { maxHeaderOctets } from '../receive/limits.ts';
import { MemoryBudget } from './memory-budget.ts';
import { Witness } from './witness.ts';

const worlds: World[] = [];
after(() => Promise.all(worlds.map((world) => world.close())));

const line = `${'x'.repeat(76)}\r\n`;
const large =
  'Return-Path: <forged@x.test>\r\nFrom: <carol@sender.test>\r\nSubject: large\r\n' +
  'Content-Type: multipart/mixed; boundary=b\r\n\r\n' +
  `--b\r\n\r\nHello\r\n--b\r\nContent-Type: application/pdf\r\n\r\n${line.repeat(50_000)}--b--\r\n`;

test('a large message is not read again, and all that is known of it is right', async () => {
  const world = await openWorld('no-dns');
  worlds.push(world);
  let event: IngestEvent | undefined;
  const backend = world.backendWith((given) => {
    event = given;
    return world.invoke(given);
  });
  const client = await world.connect('mx', backend);
  const asked = await world.requests(async () => {
    assert.match(await client.send('', ['ann@example.org'], large), /^250/);
  });
  assert.deepEqual(
    asked.filter((one) => one.endsWith(' mail')),
    ['PutObject mail'],
  );
  assert.ok(event?.body.kind === 'stored' && event.body.seen);
  const [message] = await world.messagesOf(world.accounts.ann);
  assert.ok(message);
  assert.ok(message.text.endsWith(large.slice(large.indexOf('From:'))));
  assert.ok(!message.text.includes('forged'));
  const { envelope, bodyStructure, preview, parts, sizeBytes } = indexMessage(Buffer.from(message.text));
  const { record } = message;
  assert.deepEqual(
    [record.envelope, record.bodyStructure, record.preview, record.parts, record.body.sizeBytes],
    [envelope, bodyStructure, preview, encodeParts(parts), sizeBytes],
  );
});

test('whoever does not send what was seen (an older server) has the message read', async () => {
  const world = await openWorld('no-dns');
  worlds.push(world);
  const backend = world.backendWith((event) => {
    const { body } = event;
    assert.ok(body.kind === 'stored');
    const { seen: _, ...older } = body;
    return world.invoke({ ...event, body: older });
  });
  const client = await world.connect('mx', backend);
  assert.match(await client.send('', ['ann@example.org'], large), /^250/);
  const [message] = await world.messagesOf(world.accounts.ann);
  assert.equal(message?.record.parts, encodeParts(indexMessage(Buffer.from(message?.text ?? '')).parts));
});

test('what was seen of another message, or is told in a way not known here, is not believed', async () => {
  const world = await openWorld('no-dns');
  worlds.push(world);
  const header = (text: string) => Buffer.from(text).toString('base64');
  const parts = (text: string) => encodeParts(indexMessage(Buffer.from(text)).parts);
  const wrong: readonly Partial<SeenBody>[] = [
    { parts: '2;' },
    { parts: 'nonsense' },
    { parts: parts(`${large}more`) },
    { header: header(large.slice(0, 100)) },
    { header: header(`${large.slice(0, large.indexOf('\r\n\r\n'))}\r\nX: y\r\n\r\n`) },
  ];
  let told: Partial<SeenBody> = {};
  const backend = world.backendWith((event) => {
    const { body } = event;
    assert.ok(body.kind === 'stored' && body.seen);
    return world.invoke({ ...event, body: { ...body, seen: { ...body.seen, ...told } } });
  });
  const client = await world.connect('mx', backend);
  for (told of wrong) assert.match(await client.send('', ['ann@example.org'], large), /^250/);
  for (const { record, text } of await world.messagesOf(world.accounts.ann)) {
    assert.ok(text.endsWith(large.slice(large.indexOf('From:'))));
    assert.equal(record.parts, parts(text));
  }
});

async function watched(octets: Buffer, chunkOctets: number, budget = new MemoryBudget(10_000_000)) {
  const witness = new Witness(budget);
  async function* chunks() {
    for (let at = 0; at < octets.length; at += chunkOctets) yield octets.subarray(at, at + chunkOctets);
  }
  const passed: Buffer[] = [];
  for await (const chunk of witness.watch(chunks())) passed.push(Buffer.from(chunk));
  assert.ok(Buffer.concat(passed).equals(octets));
  return { witness, seen: witness.seen() };
}

test('the header is kept, and no octet behind it, however the chunks fall', async () => {
  for (const message of [large.slice(0, 400), '\r\nno header\r\n', 'A: b\r\n', '\r\n']) {
    const end = message.startsWith('\r\n') ? 2 : message.indexOf('\r\n\r\n') + 4;
    const header = message.slice(0, end > 3 || message.startsWith('\r\n') ? end : message.length);
    for (const chunkOctets of [1, 2, 3, 7, 1000]) {
      const { seen } = await watched(Buffer.from(message), chunkOctets);
      assert.equal(Buffer.from(seen?.header ?? 'none', 'base64').toString(), header);
    }
  }
});

test('memory is counted and given back; a header too large, or no memory, is nothing seen', async () => {
  const budget = new MemoryBudget(1000);
  const small = Buffer.from(`A: ${'b'.repeat(493)}\r\n\r\nbody`);
  const first = await watched(small, 100, budget);
  const second = await watched(small, 100, budget);
  const third = await watched(small, 100, budget);
  assert.deepEqual(
    [first, second, third].map(({ seen }) => seen !== undefined),
    [true, true, false],
  );
  for (const { witness } of [first, second, third]) witness.release();
  assert.ok(budget.take(1000) && !budget.take(1));
  const long = Buffer.from(`A: ${'b'.repeat(maxHeaderOctets)}\r\n\r\n`);
  assert.equal((await watched(long, 65_536)).seen, undefined);
});
