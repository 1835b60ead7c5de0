/** SMTP from somebody who means no good: what it is told, what it costs, and that the next one is served. */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { alice, password, postfoldFor } from '../support/postfold.ts';
import { RawClient } from './raw-client.ts';
import { strainOf } from './server-health.ts';

const postfold = await postfoldFor(after, { options: ['--insecure-auth'] });
const megabyte = Buffer.from(`${'x'.repeat(1022)}\r\n`.repeat(1024));

/** So many may come from one address: those of a test go with it. */
const open = new Set<RawClient>();
afterEach(() => {
  for (const client of open) client.close();
  open.clear();
});

class Smtp {
  readonly raw: RawClient;

  constructor(raw: RawClient) {
    this.raw = raw;
    open.add(raw);
  }

  static async greeted(port = postfold.ports.smtp): Promise<Smtp> {
    const smtp = new Smtp(await RawClient.dial(port));
    await smtp.reply();
    await smtp.say('EHLO client.example\r\n');
    return smtp;
  }

  /** The last line of the next reply. */
  async reply(): Promise<string> {
    return (await this.raw.until(/^\d{3} /)).split('\n').at(-1) ?? '';
  }

  async say(octets: string | Uint8Array): Promise<string> {
    await this.raw.write(octets);
    return this.reply();
  }

  /** Up to the 354. */
  async startData(to = alice): Promise<void> {
    await this.say('MAIL FROM:<sender@example.org>\r\n');
    await this.say(`RCPT TO:<${to}>\r\n`);
    assert.match(await this.say('DATA\r\n'), /^354 /);
  }

  async lives(): Promise<void> {
    assert.match(await this.say('NOOP\r\n'), /^250 /);
  }
}

async function subjects(): Promise<string> {
  const client = await RawClient.dial(postfold.ports.imap);
  await client.line();
  await client.write(`a LOGIN ${alice} "${password}"\r\nb SELECT INBOX\r\nc FETCH 1:* ENVELOPE\r\n`);
  const heard = await client.until(/^c /);
  client.close();
  return heard;
}

const badLines: readonly (readonly [string, RegExp])[] = [
  ['FROB', /^500 5\.5\.2/],
  ['', /^500 5\.5\.2/],
  ['MAIL FROM:a@example.org', /^501 5\./],
  ['MAIL FROM:<a', /^501 5\.5\.4/],
  ['MAIL FROM:<a@example.org> FROB=1', /^555 5\.5\.4/],
  ['MAIL FROM:<a@example.org> SIZE=99999999999999999999', /^552 5\.3\.4/],
  ['MAIL FROM:<a@example.org> SIZE=2147483648', /^552 5\.3\.4/],
  ['RCPT TO:<b@example.org>', /^503 5\.5\.1/],
  ['DATA', /^503 5\.5\.1/],
  ['NO\0OP', /^500 5\.5\.2/],
  ['\xff\xfe\xfd', /^500 5\.5\.2/],
  [`NOOP ${'x'.repeat(5000)}`, /^500 5\.5\.2/],
  [`EHLO ${'x'.repeat(1900)}`, /^501 5\.5\.4/],
  ['BDAT 5 LAST', /^500 5\.5\.2/],
  ['AUTH PLAIN AGEAYg==', /^502 5\.5\.1/],
];

test('what is no command in its place is refused by name and the session goes on', async () => {
  const smtp = await Smtp.greeted();
  for (const [line, expected] of badLines) {
    await smtp.raw.write(`${line}\r\n`);
    assert.match(await smtp.reply(), expected, line.slice(0, 60));
    await smtp.say('RSET\r\n');
  }
  await smtp.lives();
});

test('a bare LF or CR among commands ends the session, and nothing behind it is run', async () => {
  for (const line of ['NOOP\nNOOP', 'NOOP\rNOOP', `NOOP ${'x'.repeat(5000)}\nNOOP`]) {
    const smtp = await Smtp.greeted();
    await smtp.raw.write(`${line}\r\n`);
    assert.match(await smtp.raw.rest(), /^521 5\.5\.2 [^\r]*\r\n$/);
  }
});

test('200 MB without a line end cost no memory and no turn of others', async () => {
  const smtp = await Smtp.greeted();
  const strain = await strainOf(postfold, async () => {
    const garbage = Buffer.alloc(1 << 20, 'x');
    for (let n = 0; n < 200; n++) await smtp.raw.write(garbage);
    assert.match(await smtp.say('\r\n'), /^500 5\.5\.2/);
  });
  await smtp.lives();
  assert.ok(strain.grownMegabytes < 200 && strain.waitedMs < 2000, JSON.stringify(strain));
});

for (const ending of ['\n.\n', '\r.\r', '\n.\r\n', '\r.\r\n', '\r\n.\n', '\r\n.\r', '\n\n.\r\n']) {
  test(`${JSON.stringify(ending)} ends no message, in one packet or octet by octet`, async () => {
    const smuggled =
      'MAIL FROM:<evil@example.org>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx';
    const octets = `Subject: outer\r\n\r\nx${ending}${smuggled}\r\n.\r\n`;
    for (const packets of [[octets], [...octets]]) {
      const smtp = await Smtp.greeted();
      await smtp.startData();
      for (const packet of packets) await smtp.raw.write(packet);
      assert.match(await smtp.reply(), /^550 5\.6\.0/);
      await smtp.lives();
    }
    assert.doesNotMatch(await subjects(), /smuggled|outer/);
  });
}

const bombs: readonly (readonly [string, string, RegExp])[] = [
  ['100,000 header lines', `${'X-Bomb: 1\r\n'.repeat(100_000)}\r\nx\r\n`, /^554 5\.6\.0/],
  ['a header line of 5 MB', `Subject: ${'x'.repeat(5_000_000)}\r\n\r\nx\r\n`, /^554 5\.6\.0/],
  ['5 MB of comments', `To: ${'('.repeat(5_000_000)}\r\n\r\nx\r\n`, /^554 5\.6\.0/],
  ['101 Received fields', `${'Received: from a by b; now\r\n'.repeat(101)}\r\nx\r\n`, /^554 5\.4\.6/],
  [
    '1,000 signatures',
    `${'DKIM-Signature: v=1; d=example.org; s=a; b=x; bh=x; h=from; a=rsa-sha256\r\n'.repeat(1000)}\r\nx\r\n`,
    /^554 5\.6\.0/,
  ],
];

for (const [what, message, expected] of bombs) {
  test(`${what}: refused in time, and mail goes on`, async () => {
    const smtp = await Smtp.greeted();
    await smtp.startData();
    const strain = await strainOf(postfold, async () => {
      assert.match(await smtp.say(`${message}.\r\n`), expected);
    });
    assert.ok(strain.waitedMs < 2000, JSON.stringify(strain));
    await smtp.startData();
    assert.match(await smtp.say('Subject: after\r\n\r\nx\r\n.\r\n'), /^250 /);
  });
}

test('of 1,200 recipients the first 500 get the message, the others are put off', async () => {
  const smtp = await Smtp.greeted();
  await smtp.say('MAIL FROM:<sender@example.org>\r\n');
  await smtp.raw.write(
    Array.from({ length: 1200 }, (_, n) => `RCPT TO:<alice+${n}@example.test>\r\n`).join(''),
  );
  const codes = { taken: 0, later: 0 };
  for (let n = 0; n < 1200; n++) {
    const reply = await smtp.reply();
    if (reply.startsWith('250 ')) codes.taken += 1;
    if (/^452 4\.5\.3 /.test(reply)) codes.later += 1;
  }
  assert.deepEqual(codes, { taken: 500, later: 700 });
  assert.match(await smtp.say('DATA\r\n'), /^354 /);
  assert.match(await smtp.say('Subject: to many\r\n\r\nx\r\n.\r\n'), /^250 /);
});

test('a message over the limit is refused at its end; an endless one is cut off', async () => {
  const smtp = await Smtp.greeted();
  await smtp.startData();
  const strain = await strainOf(postfold, async () => {
    for (let n = 0; n < 52; n++) await smtp.raw.write(megabyte);
    assert.match(await smtp.say('.\r\n'), /^552 5\.3\.4/);
    await smtp.lives();
    await smtp.startData();
    for (let n = 0; n < 260; n++) await smtp.raw.write(megabyte);
    await smtp.raw.rest();
  });
  assert.ok(strain.grownMegabytes < 250 && strain.waitedMs < 2000, JSON.stringify(strain));
  await (await Smtp.greeted()).lives();
});

test('stuck in the middle of DATA, many together: memory as their octets, no turn of others', async () => {
  const stuffed = Buffer.from('..\r\n'.repeat(262_144)); // every line a stuffed dot: the smallest pieces there are
  const stuck: Smtp[] = [];
  const strain = await strainOf(postfold, async () => {
    for (let n = 0; n < 45; n++) {
      const smtp = await Smtp.greeted();
      stuck.push(smtp);
      await smtp.startData();
      for (let part = 0; part < 2; part++) await smtp.raw.write(n % 3 === 0 ? stuffed : megabyte);
    }
  });
  assert.ok(strain.grownMegabytes < 500 && strain.waitedMs < 3000, JSON.stringify(strain));
  for (const { raw } of stuck) raw.reset();
  const smtp = await Smtp.greeted();
  await smtp.startData();
  assert.match(await smtp.say('Subject: after\r\n\r\nx\r\n.\r\n'), /^250 /);
});

test('a client that asks and never reads is not answered without end', async () => {
  const smtp = await Smtp.greeted();
  smtp.raw.stopReading();
  const strain = await strainOf(postfold, async () => {
    await Promise.race([smtp.raw.write('EHLO x\r\n'.repeat(1_000_000)), pause(1000)]);
  });
  assert.ok(strain.grownMegabytes < 100 && strain.waitedMs < 2000, JSON.stringify(strain));
  smtp.raw.reset();
});

test('what came in clear behind STARTTLS is forgotten', async () => {
  const smtp = await Smtp.greeted();
  await smtp.raw.write('STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<evil@example.org>\r\n');
  assert.match(await smtp.reply(), /^220 /);
  const secure = new Smtp(await smtp.raw.secured());
  assert.match(await secure.say('RCPT TO:<alice@example.test>\r\n'), /^503 5\.5\.1/);
  await secure.say('EHLO client.example\r\n');
  await secure.lives();
});

const badLogins: readonly (readonly [readonly string[], RegExp])[] = [
  [['AUTH PLAIN !!!'], /^501 5\.5\.2/],
  [['AUTH PLAIN ='], /^501 5\.5\.2/],
  [['AUTH PLAIN AAAAAAA='], /^501 5\.5\.2/],
  [['AUTH FROB'], /^504 5\.5\.4/],
  [['AUTH PLAIN AA== more'], /^501 5\.5\.4/],
  [[`AUTH PLAIN ${'A'.repeat(2000)}`], /^501 5\.5\.2/],
  [[`AUTH PLAIN ${'A'.repeat(1_000_000)}`], /^500 5\.5\.2/],
  [['AUTH LOGIN', '*'], /^501 5\.7\.0/],
  [['AUTH LOGIN', '!!!'], /^501 5\.5\.2/],
  [['AUTH PLAIN', 'A'.repeat(1_000_000)], /^500 5\.5\.6/],
];

test('AUTH that makes no sense is refused as such, and a right login still works', async () => {
  const smtp = await Smtp.greeted(postfold.ports.submission);
  for (const [lines, expected] of badLogins) {
    let reply = '';
    for (const line of lines) reply = await smtp.say(`${line}\r\n`);
    assert.match(reply, expected, lines.join(' ').slice(0, 60));
  }
  const right = Buffer.from(`\0${alice}\0${password}`).toString('base64');
  assert.match(await smtp.say(`AUTH PLAIN ${right}\r\n`), /^235 /);
});

test('twenty mistakes are enough', async () => {
  const smtp = await Smtp.greeted();
  await smtp.raw.write('FROB\r\n'.repeat(40));
  const replies = (await smtp.raw.rest()).trim().split('\r\n');
  assert.equal(replies.length, 21);
  assert.match(replies.at(-1) ?? '', /^421 4\.7\.0/);
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
