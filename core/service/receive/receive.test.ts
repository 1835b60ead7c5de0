import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openWorld, type World } from '../../../test/support/smtp/world.ts';
import { decodeParts } from '../../mail/message/parts-codec.ts';

const worlds: World[] = [];
after(() => Promise.all(worlds.map((world) => world.close())));
async function open(...zone: Parameters<typeof openWorld>): Promise<World> {
  const world = await openWorld(...zone);
  worlds.push(world);
  return world;
}

const letter = 'From: Carol <carol@sender.test>\r\nTo: ann@example.org\r\nSubject: hi\r\n\r\nHello\r\n';

test('a message lands in the inbox, trace fields in front, every octet behind them as sent', async () => {
  const world = await open('no-dns');
  const client = await world.connect('mx');
  const said = await client.send('carol@sender.test', ['ann@example.org'], letter);
  assert.match(said, /^250 2\.0\.0 queued as [0-9a-f-]{36}$/);
  const [message, ...more] = await world.messagesOf(world.accounts.ann);
  assert.ok(message);
  assert.equal(more.length, 0);
  assert.equal(message.mailbox, 'inbox');
  assert.equal(
    message.text,
    'Return-Path: <carol@sender.test>\r\n' +
      'Authentication-Results: mx.example.org; none\r\n' +
      'Received: from client.example.net ([192.0.2.1])\r\n' +
      `\tby mx.example.org with ESMTP id ${message.fact.messageId}\r\n` +
      '\tfor <ann@example.org>;\r\n' +
      '\tThu, 01 Jan 2026 00:00:00 +0000\r\n' +
      letter,
  );
  assert.equal(message.fact.sizeBytes, message.text.length);
  assert.equal(message.record.body.sizeBytes, message.text.length);
  assert.match(message.record.envelope, /"hi"/);
});

test('what it costs: one object, one record, one entry, a look at whom to ring; the head is not read when mail comes in rows', async () => {
  const world = await open('no-dns');
  const event = (messageId: string) => ({
    version: 1 as const,
    messageId: messageId as ReturnType<typeof world.ids.messageId>,
    origin: 'mx' as const,
    receivedAtMs: world.clock.now(),
    client: { address: '192.0.2.1', helo: 'c', protocol: 'ESMTP' },
    reversePath: '',
    recipients: [
      { address: 'ann@example.org', local: [{ account: world.accounts.ann, quotaBytes: 0 }], remote: [] },
    ],
    body: { kind: 'inline' as const, octets: Buffer.from(letter).toString('base64') },
  });
  const always = ['PutItem Log', 'PutItem Messages', 'PutObject mail', 'Query Directory'];
  const first = await world.requests(() => world.ingest(event(world.ids.messageId())));
  assert.deepEqual(first, [...always, 'Query Log']);
  const second = await world.requests(() => world.ingest(event(world.ids.messageId())));
  assert.deepEqual(second, always);
});

test("forged trace fields go, other servers' and everything else stays", async () => {
  const world = await open('no-dns');
  const client = await world.connect('mx');
  const foreign = 'Authentication-Results: elsewhere.example; spf=pass\r\n';
  await client.send(
    '',
    ['ann@example.org'],
    'Return-Path: <forged@sender.test>\r\n' +
      'Authentication-Results: (a comment) "MX.example.org" 1; spf=pass\r\n\tsmtp.mailfrom=a\r\n' +
      `${foreign}authentication-results: mx.EXAMPLE.org;\r\n dmarc=pass\r\nBcc: x@y.test\r\n${letter}`,
  );
  const [message] = await world.messagesOf(world.accounts.ann);
  assert.ok(message);
  assert.ok(
    message.text.startsWith('Return-Path: <>\r\nAuthentication-Results: mx.example.org; none\r\nReceived:'),
  );
  assert.ok(message.text.endsWith(`+0000\r\n${foreign}Bcc: x@y.test\r\n${letter}`));
});

test('an alias, two tenants, a forward: one object per tenant, one record per account, one job per domain', async () => {
  const world = await open('no-dns');
  const client = await world.connect('mx');
  const to = ['all@example.org', 'ann@example.org', 'eve@other.test', 'away@example.org'];
  assert.match(await client.send('carol@sender.test', to, letter), /^250 /);
  const { ann, bob, eve } = world.accounts;
  const [forAnn, ...again] = await world.messagesOf(ann);
  const [forBob] = await world.messagesOf(bob);
  const [forEve] = await world.messagesOf(eve);
  assert.ok(forAnn && forBob && forEve && again.length === 0);
  assert.equal(forAnn.record.body.key, forBob.record.body.key);
  assert.deepEqual(forAnn.record.holders, ['a1', 'a2']);
  assert.match(forEve.record.body.key, /^other\/bodies\/2026-01-01\//);
  assert.equal(forEve.text, forAnn.text);
  const [job, ...others] = await world.outbound.list(ann.tenant, 10);
  assert.ok(job);
  assert.equal(others.length, 0);
  assert.equal(job.origin, 'forward');
  assert.equal(job.jobId, `${forAnn.fact.messageId}.elsewhere.example`);
  assert.equal(job.reversePath, 'carol@sender.test');
  assert.deepEqual(job.recipients, [
    { address: 'ann@elsewhere.example', originalAddress: 'away@example.org', state: 'pending' },
  ]);
  // RFC 5321 4.4: Return-Path stays at home
  assert.deepEqual(job.body.cuts, [[0, 'Return-Path: <carol@sender.test>\r\n'.length]]);
  assert.equal(job.body.sizeBytes, forAnn.text.length - (job.body.cuts?.[0]?.[1] ?? 0));
});

test('the same event twice delivers once, also when the DNS has changed its mind', async () => {
  const zone: Record<string, string[]> = { 'TXT sender.test': ['v=spf1 ip4:192.0.2.1 -all'] };
  const world = await open(zone);
  const events: Parameters<typeof world.ingest>[0][] = [];
  const twice = world.backendWith(async (event) => {
    events.push(event);
    const first = await world.invoke(event);
    zone['TXT sender.test'] = ['v=spf1 ?all'];
    assert.deepEqual(await world.invoke(event), first);
    throw new Error('the answer was lost');
  });
  const client = await world.connect('mx', twice);
  assert.match(await client.send('carol@sender.test', ['all@example.org'], letter), /^451 4\.3\.0/);
  assert.equal(events.length, 3);
  assert.equal(new Set(events.map(({ messageId }) => messageId)).size, 1);
  for (const account of [world.accounts.ann, world.accounts.bob]) {
    const [message, ...more] = await world.messagesOf(account);
    assert.equal(more.length, 0);
    assert.match(message?.text ?? '', /spf=pass/);
    assert.equal(message?.fact.sizeBytes, message?.text.length);
  }
});

test('a full mailbox is refused at RCPT; one that fills up in the last moment is reported to the sender', async () => {
  const world = await open('no-dns');
  const client = await world.connect('mx');
  assert.match(
    await client.send('', ['full@example.org'], `${letter}${'x'.repeat(70)}\r\n`.repeat(2)),
    /^250/,
  );
  await client.say('MAIL FROM:<carol@sender.test> SIZE=4900');
  assert.match(await client.say('RCPT TO:<full@example.org>'), /^452 4\.2\.2 Mailbox full/);
  await client.say('RSET');
  await client.say('MAIL FROM:<carol@sender.test> SIZE=5001');
  assert.match(await client.say('RCPT TO:<full@example.org>'), /^552 5\.2\.2/);
  await client.say('RSET');
  const long = letter + `${'x'.repeat(70)}\r\n`.repeat(80);
  assert.match(await client.send('carol@sender.test', ['full@example.org'], long), /^452 4\.2\.2/);
  assert.match(await client.send('eve@other.test', ['full@example.org', 'ann@example.org'], long), /^250/);
  assert.equal((await world.messagesOf(world.accounts.full)).length, 1);
  assert.equal((await world.messagesOf(world.accounts.ann)).length, 1);
  const [notification] = await world.messagesOf(world.accounts.eve);
  assert.match(notification?.text ?? '', /^Return-Path: <>/);
  assert.match(notification?.text ?? '', /Final-Recipient: rfc822; ?full@example\.org/);
  assert.match(notification?.text ?? '', /Status: 4\.2\.2|Status: 5\.2\.2/);
});

test('what RCPT saw of a log with a limit saves a read; when it is old by then, nothing is lost or doubled', async () => {
  const world = await open('no-dns');
  let sent: Parameters<typeof world.invoke>[0] | undefined;
  const twice = world.backendWith(async (one) => {
    sent = one;
    await world.invoke(one);
    return world.invoke(one);
  });
  const [slow, quick] = [await world.connect('mx', twice), await world.connect('mx')];
  await slow.say('MAIL FROM:<carol@sender.test>');
  await slow.say('RCPT TO:<full@example.org>');
  assert.match(await quick.send('', ['full@example.org'], letter), /^250/);
  await slow.say('DATA');
  assert.match(await slow.say(`${letter}.`), /^250/);
  assert.equal(sent?.recipients[0]?.local[0]?.head?.modSeq, 1);
  assert.equal((await world.messagesOf(world.accounts.full)).length, 2);
});

test('loops, and headers that are endless or have fields without end, are refused', async () => {
  const world = await open('no-dns');
  const client = await world.connect('mx');
  const hops = 'Received: from a by b; Thu, 01 Jan 2026 00:00:00 +0000\r\n'.repeat(101);
  assert.match(await client.send('', ['ann@example.org'], hops + letter), /^554 5\.4\.6/);
  const many = 'X:\r\n'.repeat(4000);
  assert.match(await client.send('', ['ann@example.org'], many + letter), /^554 5\.6\.0 Header/);
  const endless = `X: ${'x'.repeat(70)}\r\n`.repeat(8000);
  assert.match(await client.send('', ['ann@example.org'], endless + letter), /^554 5\.6\.0 Header/);
  assert.equal((await world.messagesOf(world.accounts.ann)).length, 0);
});

test('text without a header is text, and no part of ours', async () => {
  const world = await open('no-dns');
  const client = await world.connect('mx');
  const texts = [
    'just text\r\nno: field\r\n',
    ' indented: text\r\n',
    `${'x'.repeat(600_000)}\r\n`,
    `--\r\n${letter}`,
    `--\r\n${letter}${'large\r\n'.repeat(500_000)}`,
  ];
  for (const said of texts) assert.match(await client.send('', ['ann@example.org'], said), /^250/);
  const messages = await world.messagesOf(world.accounts.ann);
  for (const [at, { text, record }] of messages.entries()) {
    const bodyAt = text.indexOf('\r\n\r\n') + 4;
    assert.ok(text.slice(bodyAt) === texts[at], `text ${at}`);
    assert.equal(decodeParts(record.parts).bodyStart, bodyAt);
  }
});

test('a message out of an mbox file keeps its header', async () => {
  const world = await open('no-dns');
  const client = await world.connect('mx');
  const said = `From carol Mon Nov 23 12:30:00 2026\r\nReturn-Path: <x@y.test>\r\n${letter}`;
  assert.match(await client.send('', ['ann@example.org'], said), /^250/);
  const [message] = await world.messagesOf(world.accounts.ann);
  assert.ok(message?.text.endsWith(letter) && !message.text.includes('x@y.test'));
});

test('a message without a header, and an empty one, come through', async () => {
  const world = await open('no-dns');
  const client = await world.connect('mx');
  assert.match(await client.send('', ['ann@example.org'], '\r\njust text\r\n'), /^250/);
  assert.match(await client.send('', ['ann@example.org'], ''), /^250/);
  const [first] = await world.messagesOf(world.accounts.ann);
  assert.ok(first?.text.endsWith('+0000\r\n\r\njust text\r\n'));
});
