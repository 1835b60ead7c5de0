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
  ];
  const unreadable = ['', ' ;spf=pass', ' (open'];
  for (const value of [...ours, ...unreadable]) {
    const field = `Authentication-Results:${value}\r\n`;
    assert.deepEqual(cutTexts(`A: b\r\n${field}C: d\r\n\r\n`), [field], value);
  }
  for (const value of ['mx.example.org.evil.test; none', 'example.org; none', 'a (mx.example.org); none']) {
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
  assert.deepEqual(survey(header).authors, ['"a b"@c.test', 'x@y.test', 'g@h.test', 'jörg@bücher.test']);
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
