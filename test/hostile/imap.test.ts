/** IMAP from somebody who means no good, with a password and without. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { outside } from '../support/clients.ts';
import { alice, password, postfoldFor } from '../support/postfold.ts';
import { RawClient } from './raw-client.ts';
import { strainOf } from './server-health.ts';

const postfold = await postfoldFor(after, { options: ['--insecure-auth'] });
const open = new Set<RawClient>();
afterEach(() => {
  for (const client of open) client.close();
  open.clear();
});

before(async () => {
  await outside(postfold).sendMail({ from: 'a@example.org', to: alice, subject: 'one', text: 'hello' });
});

async function dial(): Promise<RawClient> {
  const client = await RawClient.dial(postfold.ports.imap);
  open.add(client);
  assert.match((await client.line()) ?? '', /^\* OK/);
  return client;
}

/** The tagged line, or the BYE. */
async function say(client: RawClient, command: string): Promise<string> {
  await client.write(`a ${command}\r\n`);
  return (await client.until(/^a |^\* (BAD|BYE)/)).split('\n').at(-1) ?? '';
}

async function loggedIn(): Promise<RawClient> {
  const client = await dial();
  assert.match(await say(client, `LOGIN ${alice} "${password}"`), /^a OK/);
  return client;
}

async function selected(mailbox = 'INBOX'): Promise<RawClient> {
  const client = await loggedIn();
  await client.write(`s SELECT ${mailbox}\r\n`);
  assert.match(await client.until(/^s /), /\ns OK/);
  return client;
}

async function lives(client: RawClient): Promise<void> {
  await client.write('z NOOP\r\n');
  assert.match(await client.until(/^z /), /z OK/);
}

const list = (count: number, one: (n: number) => string, by = ' ') =>
  Array.from({ length: count }, (_, n) => one(n)).join(by);

const notLoggedIn: readonly (readonly [string, RegExp])[] = [
  ['FROB', /^a BAD/],
  ['', /^a BAD/],
  ['SELECT INBOX', /^a BAD/],
  ['FETCH 1 FLAGS', /^a BAD/],
  [`APPEND INBOX {2147483648}`, /^a (BAD|NO)/],
  ['LOGIN {2147483648}', /^a BAD/],
  ['LOGIN x', /^a BAD/],
  ['AUTHENTICATE FROB', /^a NO/],
  ['AUTHENTICATE PLAIN !!!', /^a BAD/],
  [`AUTHENTICATE PLAIN ${'A'.repeat(100_000)}`, /^\* BAD/],
  [`LOGIN x "${'y'.repeat(20_000)}"`, /^\* BAD/],
];

for (const [line, expected] of notLoggedIn) {
  test(`without a login: ${line.slice(0, 40)}`, async () => {
    const client = await dial();
    assert.match(await say(client, line), expected);
    assert.match(await say(client, `LOGIN ${alice} "${password}"`), /^a OK/);
  });
}

const bad: readonly string[] = [
  'FROB',
  '\0',
  'FETCH 0 FLAGS',
  'FETCH 4294967296 FLAGS',
  'FETCH 4294967295 FLAGS',
  'FETCH 1 (((((',
  `FETCH 1 ${'('.repeat(50_000)}`,
  `FETCH 1 (${list(200, () => 'UID')})`,
  `FETCH 1 BODY[${list(1000, () => '1', '.')}]`,
  'FETCH 1 BODY[0]',
  'FETCH 1 BODY[]<0.0>',
  'FETCH 1 BODY[]<99999999999.1>',
  'FETCH 1 BODY[HEADER.FIELDS ()]',
  `FETCH 1 BODY[HEADER.FIELDS (${list(1000, () => 'x')})]`,
  `UID FETCH ${list(11_000, (n) => `${2 * n + 1}`, ',')} FLAGS`,
  `SEARCH ${'('.repeat(10_000)}ALL${')'.repeat(10_000)}`,
  `SEARCH ${'NOT '.repeat(10_000)}ALL`,
  `SEARCH ${'OR ALL '.repeat(8000)}ALL`,
  `SEARCH ${list(10_000, () => 'ALL')}`,
  'SEARCH LARGER 99999999999999999999',
  'SEARCH BEFORE 31-Feb-2024',
  'SEARCH "',
  `STORE 1 +FLAGS (${list(1000, (n) => `k${n}`)})`,
  `STORE 1 +FLAGS (${'k'.repeat(5000)})`,
  'STORE 1 FLAGS (\\Bogus)',
  'UID UID FETCH 1 FLAGS',
  'UID EXPUNGE 0',
  'CREATE "a\0b"',
  'CREATE &!-',
  'CREATE "&Jjo"',
  'CREATE "&2AA-"',
  'CREATE "\xff\xfe"',
  'CREATE {70000}',
  'CREATE {2147483648}',
  'IDLE x',
];

test('bad syntax is BAD, the session goes on, and nothing has changed', async () => {
  for (const command of bad) {
    const client = await selected();
    assert.match(await say(client, command), /^a BAD/, command.slice(0, 60));
    await lives(client);
    client.close();
  }
  const client = await loggedIn();
  await client.write('a STATUS INBOX (MESSAGES UNSEEN)\r\n');
  assert.match(await client.until(/^a /), /STATUS INBOX \(MESSAGES 1 UNSEEN 1\)/);
});

const no: readonly string[] = [
  'APPEND INBOX {2147483648}',
  'APPEND nowhere {10}',
  'APPEND INBOX {0}',
  'CREATE ""',
  'CREATE "/"',
  'CREATE "a//b"',
  'CREATE "a*b"',
  'CREATE "&AAA-"',
  'CREATE inbox',
  `CREATE "${'x'.repeat(5000)}"`,
  `CREATE "${'a/'.repeat(400)}b"`,
  'DELETE INBOX',
  'RENAME INBOX INBOX',
  'SEARCH CHARSET UTF-7 TEXT x',
  `LIST "" "${'*a'.repeat(100)}"`,
  'COPY 1 nowhere',
  'MOVE 1 nowhere',
  'SELECT nowhere',
];

test('what cannot be done is NO before anything is asked for, and the session goes on', async () => {
  const client = await selected();
  for (const command of no) {
    assert.match(await say(client, command), /^a NO/, command.slice(0, 60));
    await lives(client);
  }
});

const harmless: readonly (readonly [string, RegExp])[] = [
  ['UID FETCH 4294967295:* (UID)', /^\* 1 FETCH \(UID 1\)\na OK/],
  ['UID SEARCH UID 4294967295:*', /^\* SEARCH/],
  ['FETCH 1 BODY.PEEK[]<4294967295.4294967295>', /<4294967295> \{0\}/],
  ['FETCH 1 BODY.PEEK[99999]', /NIL\)\na OK/],
  [`UID FETCH ${list(9000, (n) => `${2 * n + 1}`, ',')} (UID)`, /^\* 1 FETCH \(UID 1\)\na OK/],
  ['SEARCH CHARSET UTF-8 TEXT "\xff\xfe"', /^\* SEARCH\na OK/],
  [`LIST "" "${'*%'.repeat(30_000)}"`, /\* LIST .* INBOX\n/],
  ['LIST "" "*%*%*%*%"', /\* LIST .* INBOX\n/],
  ['CREATE "../../etc"', /^a OK/],
  ['LIST "" "../*"', /\* LIST .*\n(.|\n)*a OK/],
];

test('odd and legal is answered', async () => {
  const client = await selected();
  for (const [command, expected] of harmless) {
    await client.write(`a ${command}\r\n`);
    assert.match(await client.until(/^a /), expected, command.slice(0, 60));
  }
});

test('no tag, no command, bare LF: BAD or taken as a line, and the next command is understood', async () => {
  const client = await selected();
  await client.write('\r\n* NOOP\r\n)(\r\n');
  for (let n = 0; n < 3; n++) assert.match((await client.line()) ?? '', /^\* BAD/);
  await client.write('b NOOP\nc NOOP\n');
  assert.match(await client.until(/^c /), /b OK.*\nc OK/);
});

test('literals in odd places: none of what they hold is taken for a command', async () => {
  const evil = 'x DELETE Drafts\r\n';
  const commands = [
    `APPEND INBOX {${evil.length}+}\r\n${evil} (\\Seen) {${evil.length}+}\r\n${evil}`,
    `FROB {${evil.length}+}\r\n${evil}`,
    `SEARCH ${`TEXT {${evil.length}+}\r\n${evil} `.repeat(100)}ALL`,
    `CREATE {${70_000}+}\r\n${evil.repeat(4118).slice(0, 70_000)}`,
    `FETCH {${evil.length}+}\r\n${evil} FLAGS`,
    `APPEND nowhere {${evil.length}+}\r\n${evil}`,
    `STORE 1 +FLAGS ({${evil.length}+}\r\n${evil})`,
  ];
  for (const command of commands) {
    const client = await selected();
    assert.match(await say(client, command), /^a (BAD|NO)/, command.slice(0, 40));
    await lives(client);
    client.close();
  }
  await selected('Drafts');
});

test('2 GB that come whether we want them or not end the session with BYE', async () => {
  for (const command of ['APPEND INBOX {2147483648+}', 'CREATE {2147483648+}', 'FROB {2147483648+}']) {
    const client = await loggedIn();
    await client.write(`a ${command}\r\n`);
    assert.match(await client.rest(), /^\* BYE /m, command);
  }
});

test('200 MB without a line end cost no memory and no turn of others', async () => {
  const client = await loggedIn();
  const strain = await strainOf(postfold, async () => {
    const garbage = Buffer.alloc(1 << 20, 'x');
    for (let n = 0; n < 200; n++) await client.write(garbage);
    await client.write('\r\n');
    assert.match((await client.line()) ?? '', /^\* BAD/);
  });
  await lives(client);
  assert.ok(strain.grownMegabytes < 200 && strain.waitedMs < 2000, JSON.stringify(strain));
});

test('patterns that fit almost, against names that fit almost, hold nobody up', async () => {
  const client = await loggedIn();
  await client.write(list(40, (n) => `c CREATE "${'a'.repeat(990)}${n}"\r\n`, ''));
  for (let n = 0; n < 40; n++) assert.match((await client.line()) ?? '', /^c OK/);
  const strain = await strainOf(postfold, async () => {
    assert.match(await say(client, `LIST "" (${list(20, () => `"*${'a'.repeat(900)}b"`)})`), /^a OK/);
    assert.match(await say(client, `LIST "" (${list(20, () => `"${'*a'.repeat(49)}b"`)})`), /^a OK/);
  });
  assert.ok(strain.waitedMs < 1000, JSON.stringify(strain));
});

test('20 MB asked for and never read, by many: memory stays, others are served', async () => {
  const writer = await loggedIn();
  const size = 20 * 1024 * 1024;
  await writer.write(`a APPEND Drafts {${size}+}\r\n`);
  const megabyte = Buffer.from(`${'y'.repeat(1022)}\r\n`.repeat(1024));
  for (let n = 0; n < 20; n++) await writer.write(megabyte);
  await writer.write('\r\n');
  assert.match(await writer.until(/^a /), /^a OK/);
  const deaf = await Promise.all(
    list(30, () => 'Drafts')
      .split(' ')
      .map(selected),
  );
  const strain = await strainOf(postfold, async () => {
    for (const client of deaf) {
      client.stopReading();
      await client.write('a FETCH 1 BODY.PEEK[]\r\n'.repeat(50));
    }
    await pause(1000);
  });
  assert.ok(strain.grownMegabytes < 200 && strain.waitedMs < 2000, JSON.stringify(strain));
  for (const client of deaf) client.reset();
});

test('a client that sends octet by octet holds nobody up and is understood in the end', async () => {
  const slow = await Promise.all(
    list(20, () => 'INBOX')
      .split(' ')
      .map(selected),
  );
  const strain = await strainOf(postfold, async () => {
    for (const octet of 'a FETCH 1 (UID)\r\n') {
      await Promise.all(slow.map((client) => client.write(octet)));
      await pause(10);
    }
    for (const client of slow) assert.match(await client.until(/^a /), /^\* 1 FETCH \(UID 1\)\na OK/);
  });
  assert.ok(strain.waitedMs < 1000, JSON.stringify(strain));
});

test('what came in clear behind STARTTLS is forgotten', async () => {
  const client = await dial();
  await client.write(`a STARTTLS\r\nb LOGIN ${alice} "${password}"\r\n`);
  assert.match((await client.line()) ?? '', /^a OK/);
  const secure = await client.secured();
  assert.match(await say(secure, 'LIST "" *'), /^a BAD/);
  assert.match(await say(secure, `LOGIN ${alice} "${password}"`), /^a OK/);
});

test('garbage within IDLE ends it with BAD; too many bad commands end the session', async () => {
  const client = await selected();
  await client.write('a IDLE\r\n');
  assert.match((await client.line()) ?? '', /^\+/);
  await client.write(`${'x'.repeat(100_000)}\r\n`);
  assert.match((await client.line()) ?? '', /^a BAD/);
  await lives(client);
  await client.write('a FROB\r\n'.repeat(50));
  assert.match(await client.rest(), /(a BAD.*\r\n){20}\* BYE .*\r\n$/);
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
