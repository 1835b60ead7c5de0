import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBase64, decodeInitialResponse } from './base64.ts';
import { begin, mechanismNamed, next, type SaslStep } from './sasl.ts';

const credentials = (authorize: string, login: string, password: string): SaslStep => ({
  kind: 'credentials',
  credentials: { authorize, login, password },
});

test('PLAIN with an initial response is one step', () => {
  const step = begin('PLAIN', Buffer.from('\0ann@example.org\0pass word'));
  assert.deepEqual(step, credentials('', 'ann@example.org', 'pass word'));
});

test('PLAIN without one asks with an empty challenge', () => {
  const asked = begin('PLAIN', undefined);
  assert.ok(asked.kind === 'challenge' && asked.challenge === '');
  assert.deepEqual(next(asked.state, Buffer.from('bob\0ann\0päss')), credentials('bob', 'ann', 'päss'));
});

test('LOGIN prompts twice, or once after an initial response', () => {
  const asked = begin('LOGIN', undefined);
  assert.ok(asked.kind === 'challenge' && asked.challenge === 'Username:');
  const again = next(asked.state, Buffer.from('ann'));
  assert.ok(again.kind === 'challenge' && again.challenge === 'Password:');
  assert.deepEqual(next(again.state, Buffer.from('secret')), credentials('', 'ann', 'secret'));
  const second = begin('LOGIN', Buffer.from('ann'));
  assert.ok(second.kind === 'challenge' && second.challenge === 'Password:');
});

test('broken responses are malformed, never credentials', () => {
  const broken = ['', 'a', 'a\0b', '\0\0p', '\0a\0', '\0a\0b\0c'].map((text) => Buffer.from(text));
  const notUtf8 = Buffer.from([0, 0x61, 0, 0xff]);
  const long = Buffer.concat([Buffer.from('\0a\0'), Buffer.alloc(2000, 0x61)]);
  for (const response of [...broken, notUtf8, long]) {
    assert.equal(begin('PLAIN', response).kind, 'malformed');
  }
  assert.equal(begin('LOGIN', Buffer.from('')).kind, 'malformed');
  assert.equal(begin('LOGIN', Buffer.from('a\0b')).kind, 'malformed');
});

test('mechanism names know no case and no strangers', () => {
  assert.equal(mechanismNamed('plain'), 'PLAIN');
  assert.equal(mechanismNamed('Login'), 'LOGIN');
  assert.equal(mechanismNamed('CRAM-MD5'), undefined);
});

test('base64 must be canonical', () => {
  assert.deepEqual(decodeBase64('YWI='), Buffer.from('ab'));
  for (const text of ['YWI', 'YWI==', 'Y WI=', 'YWJ=', '*', 'YW-_'])
    assert.equal(decodeBase64(text), undefined);
  assert.deepEqual(decodeInitialResponse('='), Buffer.alloc(0));
});
