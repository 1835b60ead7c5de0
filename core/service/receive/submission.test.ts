import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openWorld, type World } from '../../../test/support/smtp/world.ts';

const worlds: World[] = [];
after(() => Promise.all(worlds.map((world) => world.close())));

async function login() {
  const world = await openWorld('no-dns');
  worlds.push(world);
  const client = await world.connect('submission');
  assert.equal(await client.login('ann@example.org'), '235 2.7.0 Logged in');
  return { world, client };
}

test('a submission reaches a local mailbox and becomes a job for everybody else', async () => {
  const { world, client } = await login();
  const to = ['bob@example.org', 'x@elsewhere.example', 'y@Elsewhere.example', 'z@third.example'];
  const said = await client.send(
    'ann@example.org',
    to,
    'From: Ann <ann+sales@example.org>\r\nBcc: x@elsewhere.example\r\nSubject: s\r\n\r\nhi\r\n',
  );
  assert.match(said, /^250/);
  const [copy] = await world.messagesOf(world.accounts.bob);
  const id = copy?.fact.messageId;
  assert.match(copy?.text ?? '', /^Return-Path: <ann@example\.org>\r\nReceived: from client\.example\.net/);
  assert.match(copy?.text ?? '', /with ESMTPA id/);
  assert.ok(copy?.text.includes('\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n'));
  assert.ok(copy?.text.includes(`\r\nMessage-ID: <${id}@mx.example.org>\r\n`));
  assert.ok(!copy?.text.includes('Bcc'));
  assert.ok(!copy?.text.includes('Authentication-Results'));
  const jobs = await world.outbound.list(world.accounts.ann.tenant, 10);
  assert.deepEqual(jobs.map(({ jobId }) => jobId).sort(), [`${id}.elsewhere.example`, `${id}.third.example`]);
  const job = jobs.find(({ domain }) => domain === 'elsewhere.example');
  assert.deepEqual(
    job?.recipients.map(({ address }) => address),
    ['x@elsewhere.example', 'y@elsewhere.example'],
  );
  assert.deepEqual(job?.account, world.accounts.ann);
  assert.equal(job?.origin, 'submission');
  assert.equal(job?.expiresAtMs, world.clock.now() + 5 * 86_400_000);
  assert.ok(job?.body.key.startsWith('acme/'));
});

test('Date and Message-ID of the author stay', async () => {
  const { world, client } = await login();
  const message =
    'From: ann@example.org\r\nDate: Fri, 02 Jan 2026 00:00:00 +0000\r\nMessage-ID: <mine@x>\r\n\r\nhi\r\n';
  await client.send('ann@example.org', ['bob@example.org'], message);
  const [copy] = await world.messagesOf(world.accounts.bob);
  assert.ok(copy?.text.endsWith(`+0000\r\n${message}`));
});

test('nobody writes in another name, in the envelope or in From', async () => {
  const { world, client } = await login();
  assert.match(await client.say('MAIL FROM:<bob@example.org>'), /^553 5\.7\.1/);
  assert.match(await client.say('MAIL FROM:<ann@elsewhere.example>'), /^553 5\.7\.1/);
  const cases = {
    'From: bob@example.org': /^550 5\.7\.1 From address <bob@example\.org> is not yours/,
    'From: ann@example.org, bob@example.org': /^550 5\.7\.1/,
    'From: ann@example.org\r\nFrom: bob@example.org': /^550 5\.6\.0 Message has 2 From fields/,
    'From: "ann@example.org" <bob@example.org>': /^550 5\.7\.1/,
    'From: nobody': /^550 5\.7\.1/,
    'Subject: no author': /^550 5\.6\.0/,
    'From: all@example.org': /^250/, // an alias that leads to ann
  };
  for (const [header, expected] of Object.entries(cases)) {
    const said = await client.send('ann@example.org', ['bob@example.org'], `${header}\r\n\r\nhi\r\n`);
    assert.match(said, expected, header);
  }
  assert.equal((await world.messagesOf(world.accounts.bob)).length, 1);
});

test('without a login there is no relaying, and unknown users are unknown', async () => {
  const { world } = await login();
  const client = await world.connect('mx');
  await client.say('MAIL FROM:<a@b.test>');
  assert.match(await client.say('RCPT TO:<x@elsewhere.example>'), /^550 5\.7\.1 Relaying denied/);
  assert.match(await client.say('RCPT TO:<nobody@example.org>'), /^550 5\.1\.1/);
  assert.match(await client.say('DATA'), /^554 5\.5\.1/);
});
