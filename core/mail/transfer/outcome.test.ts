/** Replies and troubles to outcomes: by code and status, never by wording. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failedByUs, oneLine, outcomeOfReply, outcomeOfTrouble, type SmtpPhase } from './outcome.ts';

const of = (code: number, text: string, phase: SmtpPhase = 'rcpt') => {
  const outcome = outcomeOfReply({ code, text }, phase, 'mx.example');
  return `${outcome.kind} ${outcome.status}`;
};

test('the class of the code decides, the enhanced status is kept where it agrees', () => {
  assert.equal(of(250, '2.6.0 Ok', 'message'), 'delivered 2.6.0');
  assert.equal(of(450, '4.2.0 greylisted'), 'deferred 4.2.0');
  assert.equal(of(550, '5.1.1 who?'), 'failed 5.1.1');
  assert.equal(of(550, '4.1.1 confused'), 'failed 5.0.0');
  assert.equal(of(450, '5.1.1 confused'), 'deferred 4.0.0');
  assert.equal(of(550, 'user unknown, try again later'), 'failed 5.0.0');
});

test('a 2xx that answers anything but the message delivers nothing', () => {
  for (const phase of ['greeting', 'ehlo', 'auth', 'mail', 'rcpt', 'data'] as const)
    assert.equal(of(250, '2.0.0 Ok', phase), 'deferred 4.5.0', phase);
  assert.equal(of(354, 'go on', 'message'), 'deferred 4.5.0');
});

test('552 to RCPT means too many recipients unless its status says otherwise', () => {
  assert.equal(of(552, 'Too many'), 'deferred 4.5.3');
  assert.equal(of(552, '5.2.2 Mailbox full'), 'failed 5.2.2');
  assert.equal(of(552, 'Too large', 'message'), 'failed 5.3.4');
});

test('a greeting of 554 is only this host; 521 and 556 are final', () => {
  assert.equal(of(554, 'No SMTP here', 'greeting'), 'deferred 4.0.0');
  assert.equal(of(521, 'never', 'greeting'), 'failed 5.3.2');
  assert.equal(of(556, 'never'), 'failed 5.3.2');
  assert.equal(of(535, 'bad password', 'auth'), 'deferred 4.7.0');
});

test('trouble is deferred with a status of its own', () => {
  assert.equal(outcomeOfTrouble('tls', 'x').status, '4.7.5');
  assert.deepEqual(outcomeOfTrouble('dropped', 'closed', 'mx.example'), {
    kind: 'deferred',
    status: '4.4.2',
    reply: 'closed',
    remoteHost: 'mx.example',
  });
  assert.equal(failedByUs('5.1.10', 'no mail').kind, 'failed');
});

test('a reply becomes one bounded line', () => {
  const outcome = outcomeOfReply({ code: 550, text: `5.1.1 a\r\nb\u0000c ${'ü'.repeat(400)}` }, 'rcpt', 'mx');
  assert.match(outcome.reply, /^550 5\.1\.1 a b c ü+\.\.\.$/);
  assert.ok(Buffer.byteLength(outcome.reply) <= 500);
  assert.ok(oneLine('😀'.repeat(300)).isWellFormed());
});
