import assert from 'node:assert/strict';
import { test } from 'node:test';
import { surveyHeader } from './header-survey.ts';

const survey = (text: string, submitted = false) =>
  surveyHeader(Buffer.from(text), 'mx.example.org', submitted);
const cutTexts = (text: string, submitted = false) =>
  survey(text, submitted).cuts.map(([start, end]) => Buffer.from(text).subarray(start, end).toString());

test('results that claim to be ours are cut, whatever stands around the name', () => {
  const ours = [
    'mx.example.org; none',
    ' MX.Example.ORG 1; spf=pass',
    '(x) (y) mx.example.org;a',
    '"mx.example.org"; a',
    '((a)b) mx.example.org; a',
    '(\\)) mx.example.org; a',
    '(a)\r\n (b(c)) mx.example.org; a',
    '"mx.exam\\ple.org"; a',
  ];
  const unreadable = ['', ' ;spf=pass', ' (open', ') mx.example.org; a', '"open', '"a"b; c', 'a\\b; c'];
  unreadable.push(`${'('.repeat(60)}${')'.repeat(60)} mx.example.org; a`);
  for (const value of [...ours, ...unreadable]) {
    const field = `Authentication-Results:${value}\r\n`;
    assert.deepEqual(cutTexts(`A: b\r\n${field}C: d\r\n\r\n`), [field], value);
  }
  const others = ['mx.example.org.evil.test; none', 'example.org; none', 'a (mx.example.org); none'];
  for (const value of [...others, '(mx.example.org) a;b', '"a b"; none', 'spf=pass (sender IP is ...)']) {
    assert.deepEqual(cutTexts(`Authentication-Results: ${value}\r\n\r\n`), [], value);
  }
});

test('Return-Path goes always, Bcc goes from submissions', () => {
  const header = 'Return-path: <a@b>\r\nBcc: x@y,\r\n z@y\r\nTo: a@b\r\n\r\n';
  assert.deepEqual(cutTexts(header), ['Return-path: <a@b>\r\n']);
  assert.deepEqual(cutTexts(header, true), ['Return-path: <a@b>\r\n', 'Bcc: x@y,\r\n z@y\r\n']);
});

test('authors of all From fields, also quoted, grouped and beyond ASCII', () => {
  const header =
    'From: "A, B" <"a b"@c.test>, x@y.test\r\nFROM: Group: g@h.test;\r\nFrom: jörg@bücher.test\r\n\r\n';
  assert.equal(survey(header).fromFields, 3);
  assert.deepEqual(survey(header).authors, ['"a b"@c.test', 'x@y.test', 'g@h.test', 'jörg@bücher.test']);
});

test('a header of more fields than are looked at is known as such', () => {
  assert.equal(survey('A: b\r\n'.repeat(3999)).tooManyFields, false);
  assert.equal(survey('A: b\r\n'.repeat(4001)).tooManyFields, true);
});

test('counts', () => {
  const { receivedFields, signatures, hasDate, hasMessageId } = survey(
    'Received: a\r\nreceived: b\r\nDKIM-Signature: c\r\nARC-Seal: d\r\nDate: e\r\n\r\n',
  );
  assert.deepEqual(
    { receivedFields, signatures, hasDate, hasMessageId },
    {
      receivedFields: 2,
      signatures: 2,
      hasDate: true,
      hasMessageId: false,
    },
  );
});
