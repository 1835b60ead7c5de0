/** Messages made to break parsers: taken by SMTP, then read by IMAP and POP3, octets as they came, in bounded time. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { alice, password, postfoldFor } from '../support/postfold.ts';
import { RawClient } from './raw-client.ts';
import { strainOf } from './server-health.ts';

const postfold = await postfoldFor(after, { options: ['--insecure-auth'] });
let imap: RawClient;

before(async () => {
  imap = await RawClient.dial(postfold.ports.imap);
  await imap.write(`a LOGIN ${alice} "${password}"\r\nb SELECT INBOX\r\n`);
  await imap.until(/^b OK/);
});
after(() => imap.close());

const manyParts = (count: number) =>
  [
    'Subject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n',
    ...Array.from(
      { length: count },
      (_, n) => `--b\r\nContent-Type: text/plain; name=p${n}\r\n\r\nneedle ${n}\r\n`,
    ),
    '--b--\r\n',
  ].join('');

const nested = (depth: number) => {
  const levels = Array.from({ length: depth }, (_, n) => n);
  const opened = levels.map((n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`);
  const closed = levels.reverse().map((n) => `--b${n}--\r\n`);
  return `Subject: deep\r\n${opened.join('')}Content-Type: text/plain\r\n\r\nneedle\r\n${closed.join('')}`;
};

/** Name, message, and whether SEARCH TEXT finds the needle in it. */
const messages: readonly (readonly [string, string, boolean])[] = [
  ['10,000 parts', manyParts(10_000), true],
  ['multiparts 1,000 deep', nested(1000), false],
  [
    'messages 1,000 deep',
    `Subject: r\r\n${'Content-Type: message/rfc822\r\n\r\nSubject: in\r\n'.repeat(1000)}\r\nneedle\r\n`,
    false,
  ],
  [
    'one boundary for all levels',
    `${'Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n'.repeat(5000)}\r\nneedle\r\n`,
    false,
  ],
  [
    'charsets that are none',
    'Subject: =?x-nope?Q?abc?= =?utf-7?B?+++?= =?utf-8?B?!!?=\r\nFrom: =?utf-8?Q?=FF=FE?= <a@b>\r\n' +
      'Content-Type: text/plain; charset=x-nope\r\n\r\nneedle \xff\xfe\r\n',
    true,
  ],
  ['broken UTF-7', 'Content-Type: text/plain; charset=utf-7\r\n\r\nneedle +//////\r\n', true],
  [
    'broken UTF-8',
    'Subject: \xff\xfe\xc0\x80\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xf0\x28 needle\r\n',
    true,
  ],
  ['a multipart without a boundary', 'Content-Type: multipart/mixed\r\n\r\nneedle\r\n', true],
  ['an empty boundary', 'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nneedle\r\n--\r\n', true],
  ['nothing', '', false],
  ['a header alone', 'Subject: x\r\n', false],
  ['a body alone', '\r\nneedle\r\n', true],
  ['NULs', 'Subject: a\0b\r\n\r\n\0needle\0\r\n', true],
  ['a header of 200 KB', `Subject: big\r\n${`X-Y: ${'z'.repeat(45)}\r\n`.repeat(3990)}\r\nneedle\r\n`, true],
  ['5,000 addresses', `To: ${'"a, b" <a@x.example>, '.repeat(5000)}b@x.example\r\n\r\nneedle\r\n`, true],
  [
    '5,000 parameters',
    `Content-Type: text/plain; ${'n*0*="%FF";\r\n '.repeat(5000)}\r\n\r\nneedle\r\n`,
    true,
  ],
  ['HTML that never closes', `Content-Type: text/html\r\n\r\n${'<div>'.repeat(100_000)}needle\r\n`, true],
  ['a line of 3 MB', `Subject: l\r\n\r\n${'needle'.repeat(500_000)}\r\n`, true],
  ['dots', '.\r\n..\r\n\r\n.\r\n...needle\r\n.\r\n', true],
  ['a date that is none', 'Date: Foo, 99 Bar 99999 99:99:99 +9999\r\n\r\nneedle\r\n', true],
];

for (const [index, [what, text, found]] of messages.entries()) {
  test(`${what}: comes back as it came`, async () => {
    const octets = Buffer.from(text, 'latin1');
    const strain = await strainOf(postfold, async () => {
      await deliver(octets);
      const number = index + 1;
      await ask('NOOP');
      for (const item of [
        'ENVELOPE',
        'BODYSTRUCTURE',
        'BODY',
        'BODY.PEEK[1.1.1.1]',
        'BODY.PEEK[HEADER.FIELDS (SUBJECT)]',
      ])
        assert.match(
          await ask(`FETCH ${number} ${item}`),
          new RegExp(`^\\* ${number} FETCH \\(BODY|^\\* ${number} FETCH \\(ENV`),
        );
      assert.ok(endsWith(await fetched(number), octets), 'by IMAP');
      assert.ok(endsWith(await retrieved(number), octets), 'by POP3');
      const hits = await ask(`SEARCH ${number} TEXT needle`);
      assert.equal(hits.startsWith(`* SEARCH ${number}\n`), found, hits);
    });
    assert.ok(strain.grownMegabytes < 200 && strain.waitedMs < 2000, JSON.stringify(strain));
  });
}

async function ask(command: string): Promise<string> {
  await imap.write(`a ${command}\r\n`);
  const answer = await imap.until(/^a /);
  assert.match(answer, /^a OK/m, answer.slice(-200));
  return answer;
}

async function deliver(octets: Buffer): Promise<void> {
  const smtp = await RawClient.dial(postfold.ports.smtp);
  await smtp.line();
  for (const line of ['HELO c', 'MAIL FROM:<a@example.org>', `RCPT TO:<${alice}>`, 'DATA']) {
    await smtp.write(`${line}\r\n`);
    assert.match((await smtp.line()) ?? '', /^(250|354) /);
  }
  await smtp.write(`${octets.toString('latin1').replace(/^\./gm, '..')}.\r\n`);
  assert.match((await smtp.line()) ?? '', /^250 /);
  smtp.close();
}

async function fetched(number: number): Promise<Buffer> {
  await imap.write(`a FETCH ${number} BODY.PEEK[]\r\n`);
  const size = Number(/\{(\d+)\}$/.exec((await imap.line()) ?? '')?.[1]);
  const whole = await imap.octets(size);
  await imap.until(/^a OK/);
  return whole;
}

async function retrieved(number: number): Promise<Buffer> {
  const pop3 = await RawClient.dial(postfold.ports.pop3);
  await pop3.write(`USER ${alice}\r\nPASS ${password}\r\nRETR ${number}\r\n`);
  await pop3.until(/^\+OK \d+ octets$/);
  const text = await pop3.until(/^\.$/);
  pop3.close();
  const unstuffed = text
    .split('\n')
    .slice(0, -1)
    .map((line) => `${line.replace(/^\./, '')}\r\n`);
  return Buffer.from(unstuffed.join(''), 'latin1');
}

/** Our trace fields stand in front. */
function endsWith(whole: Buffer, octets: Buffer): boolean {
  return whole.subarray(whole.length - octets.length).equals(octets);
}
