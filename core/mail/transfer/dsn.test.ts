/** Notifications, byte for byte in a golden file, read back by a MIME parser, and under attack. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import { indexMessage } from '../message/index-message.ts';
import { composeDsn, type Dsn, maxReturnedHeaderBytes } from './dsn.ts';
import { testMessageId } from './testdata.ts';

const base: Dsn = {
  kind: 'failed',
  messageId: testMessageId,
  reportingHost: 'mx.acme.example',
  sender: 'ann@acme.example',
  nowMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  arrivedAtMs: Date.UTC(2026, 0, 1, 3, 4, 5),
  recipients: [
    {
      address: 'bob@remote.example',
      status: '5.1.1',
      reply:
        '550 5.1.1 No such user here, and this line goes on for longer than a line of a mail may well be',
      replyBy: 'remote',
      remoteHost: 'mx.remote.example',
    },
    { address: 'eve@remote.example', status: '4.4.7', reply: 'connection refused' },
  ],
  originalHeader: Buffer.from('From: ann@acme.example\r\nSubject: Hi\r\n\r\nsecret body\r\n'),
};

test('a failure notification is as the golden file says', () => {
  const golden = new URL('./dsn.golden.eml', import.meta.url);
  const text = Buffer.from(composeDsn(base)).toString('latin1');
  if (process.env.UPDATE_GOLDEN) writeFileSync(golden, text, 'latin1');
  assert.equal(text, readFileSync(golden, 'latin1'));
  assert.ok(!text.includes('secret body'));
});

test('a delay says until when, and a MIME parser reads it', async () => {
  const octets = composeDsn({ ...base, kind: 'delayed', retryUntilMs: 1e12 });
  const { bodyStructure } = indexMessage(octets);
  assert.match(bodyStructure, /"MESSAGE" "DELIVERY-STATUS".*"TEXT" "RFC822-HEADERS".*"REPORT"/i);
  const mail = await simpleParser(Buffer.from(octets));
  assert.match(mail.text ?? '', /keep trying/);
  assert.match(mail.text ?? '', /^Action: delayed$/m, 'the parser shows the fields as text');
  assert.match(mail.text ?? '', /^Will-Retry-Until: Sun, 09 Sep 2001 01:46:40 \+0000$/m);
  assert.equal(mail.headers.get('auto-submitted'), 'auto-replied');
});

test('other alphabets travel as ASCII', async () => {
  const text = Buffer.from(
    composeDsn({
      ...base,
      recipients: [{ address: 'jörg@пример.example', status: '5.6.7', reply: '550 nö', replyBy: 'remote' }],
      originalHeader: Buffer.from('Subject: Grüße\r\n\r\n'),
    }),
  ).toString('latin1');
  assert.doesNotMatch(text, /[^\r\n\t -~]/);
  assert.match(
    text,
    /^Final-Recipient: utf-8;\r\n j\\x\{F6\}rg@\\x\{43F\}\\x\{440\}\\x\{438\}\\x\{43C\}\\x\{435\}\\x\{440\}\.example\r$/m,
  );
  assert.match(text, /Content-Type: message\/global-headers\r\nContent-Transfer-Encoding: base64/);
  const mail = await simpleParser(text);
  assert.match(mail.text ?? '', /jörg@пример\.example/);
});

test('a header that forges our boundary, or is endless, stays in its part', async () => {
  const forged = Buffer.from(`X: y\r\n--report-${testMessageId}--\r\nY: z\r\n\r\n`);
  const mail = await simpleParser(Buffer.from(composeDsn({ ...base, originalHeader: forged })));
  const returned = mail.attachments.find((part) => part.contentType === 'text/rfc822-headers');
  assert.match(returned?.content.toString() ?? '', /Y: z/);
  const endless = Buffer.from('X-Long: aaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(10_000));
  assert.ok(composeDsn({ ...base, originalHeader: endless }).length < maxReturnedHeaderBytes + 8000);
});

test('no line is longer than 998 octets, whatever comes back', () => {
  const reply = `550 ${'x'.repeat(490)}`;
  const octets = composeDsn({
    ...base,
    recipients: [{ address: 'b@c.example', status: '5.0.0', reply, replyBy: 'remote' }],
    originalHeader: Buffer.from(`X: ${'y'.repeat(5000)}\r\n\r\n`),
  });
  for (const line of Buffer.from(octets).toString('latin1').split('\r\n')) assert.ok(line.length <= 998);
});
