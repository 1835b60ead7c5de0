import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appPasswordLetters, newAppPassword, verifyAppPassword } from './app-password.ts';

test('an app password is four groups of four and verifies however it is typed', () => {
  const { text, hash } = newAppPassword();
  assert.match(text, /^([a-z2-7]{4}-){3}[a-z2-7]{4}$/);
  for (const typed of [text, text.replaceAll('-', ' '), text.replaceAll('-', ''), text.toUpperCase()]) {
    const letters = appPasswordLetters(typed);
    assert.ok(letters);
    assert.equal(verifyAppPassword(hash, letters), true);
  }
  assert.equal(hash.includes(text.replaceAll('-', '')), false);
});

test('another one does not verify', () => {
  const letters = appPasswordLetters(newAppPassword().text);
  assert.ok(letters);
  assert.equal(verifyAppPassword(newAppPassword().hash, letters), false);
});

test('what does not have the form is left to the other check', () => {
  for (const text of ['', 'correct horse battery', 'abcd-efgh-ijkl-mno1', 'x'.repeat(1000)]) {
    assert.equal(appPasswordLetters(text), undefined);
  }
});
