import assert from 'node:assert/strict';
import { test } from 'node:test';
import { element, parseXml } from './xml.ts';

test('what is written is read back', () => {
  const key = `<a> & "b" 'c' \u0001 é \u{1f600}\n`;
  assert.equal(parseXml(element('Key', key))?.text, key);
});

test('a document with head, attributes, spaces and empty elements is read', () => {
  const root = parseXml(
    '<?xml version="1.0"?>\n<Delete xmlns="http://x/">\n <Object><Key>k</Key></Object><Quiet/></Delete>\n',
  );
  assert.deepEqual(
    root?.children.map(({ name }) => name),
    ['Object', 'Quiet'],
  );
  assert.equal(root?.children[0]?.children[0]?.text, 'k');
});

test('all else is refused', () => {
  const deep = '<a>'.repeat(20) + '</a>'.repeat(20);
  const bad = [
    '',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    'text',
    '<a>&nope;</a>',
    '<a>&#x110000;</a>',
    '<a>&',
    '<!DOCTYPE a><a/>',
    deep,
  ];
  for (const source of bad) assert.equal(parseXml(source), undefined, source);
});
