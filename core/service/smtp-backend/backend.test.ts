import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openWorld, type World } from '../../../test/support/smtp/world.ts';
import type { IngestEvent } from '../receive/event.ts';

const worlds: World[] = [];
after(() => Promise.all(worlds.map((world) => world.close())));

async function open() {
  const world = await openWorld('no-dns');
  worlds.push(world);
  return world;
}

const letter = 'Subject: hi\r\n\r\nHello\r\n';

test('when memory for messages is short, even small ones go through S3', async () => {
  const world = await open();
  const kinds: IngestEvent['body']['kind'][] = [];
  const backend = world.backendWith(
    (event) => {
      kinds.push(event.body.kind);
      return world.invoke(event);
    },
    { budgetBytes: 50 },
  );
  const client = await world.connect('mx', backend);
  assert.match(await client.send('', ['ann@example.org'], letter), /^250/);
  assert.match(await client.send('', ['ann@example.org'], `${letter}${'x'.repeat(60)}\r\n`), /^250/);
  assert.match(await client.send('', ['ann@example.org'], letter), /^250/);
  assert.deepEqual(kinds, ['inline', 'stored', 'inline']); // the memory was given back
  assert.equal((await world.messagesOf(world.accounts.ann)).length, 3);
});

test('ingest that fails is asked again with the same event; then it is 451 and the session goes on', async () => {
  const world = await open();
  let failures = 2;
  const backend = world.backendWith((event) => {
    if (failures-- > 0) throw new Error('throttled');
    return world.invoke(event);
  });
  const client = await world.connect('mx', backend);
  assert.match(await client.send('', ['ann@example.org'], letter), /^250/);
  failures = 3;
  assert.match(await client.send('', ['ann@example.org'], letter), /^451 4\.3\.0/);
  assert.match(await client.send('', ['ann@example.org'], letter), /^250/);
  assert.equal((await world.messagesOf(world.accounts.ann)).length, 2);
});

test('a store that fails is 451, and afterwards all is well', async () => {
  const world = await open();
  const client = await world.connect('mx');
  world.cloud.faults.add({ service: 's3', operation: 'PutObject', kind: 'error', times: 100 });
  assert.match(await client.send('', ['ann@example.org'], letter), /^451 4\.3\.0/);
  world.cloud.faults.clear();
  assert.match(await client.send('', ['ann@example.org'], letter), /^250/);
  assert.equal((await world.messagesOf(world.accounts.ann)).length, 1);
});

test('a large message that is refused half-way leaves nothing in S3', async () => {
  const world = await open();
  const client = await world.connect('mx');
  const large = `${'x'.repeat(76)}\r\n`.repeat(50_000);
  const said = await client.send('', ['ann@example.org'], `${large}bare\nend\r\n`);
  assert.match(said, /^550 5\.6\.0/);
  assert.deepEqual(await world.bodies.list('acme/', ''), []);
  assert.match(await client.say('NOOP'), /^250/);
});

test('an account sends to so many elsewhere, and more as time goes by; mail within the house is not counted', async () => {
  const world = await open();
  const backend = world.backendWith(world.invoke, { recipientsPerDay: 4 });
  const client = await world.connect('submission', backend);
  await client.login('ann@example.org');
  const mine = `From: ann@example.org\r\n${letter}`;
  const away = (count: number) => Array.from({ length: count }, (_, n) => `u${n}@elsewhere.example`);
  assert.match(await client.send('ann@example.org', away(2), mine), /^250/);
  assert.match(await client.send('ann@example.org', away(1), letter), /^550 5\.6\.0/); // refused: not counted
  await client.say('MAIL FROM:<ann@example.org>');
  for (const to of away(2)) assert.match(await client.say(`RCPT TO:<${to}>`), /^250/);
  assert.match(
    await client.say('RCPT TO:<u3@elsewhere.example>'),
    /^450 4\.7\.1 .* try again in 360 minutes/,
  );
  assert.match(await client.say('RCPT TO:<bob@example.org>'), /^250/);
  await client.say('DATA');
  assert.match(await client.say(`${mine}.`), /^250/);
  await client.say('MAIL FROM:<ann@example.org>');
  assert.match(await client.say('RCPT TO:<u3@elsewhere.example>'), /^450/);
  await world.advance(6 * 3_600_000);
  assert.match(await client.say('RCPT TO:<u3@elsewhere.example>'), /^250/);
  assert.match(await client.say('RCPT TO:<u4@elsewhere.example>'), /^450/);
});
