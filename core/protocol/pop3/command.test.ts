import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommand, parseNumber } from './command.ts';

const parse = (text: string | Buffer) =>
  parseCommand({ kind: 'line', octets: Buffer.from(text as string), bare: false });

test('keywords know no case; PASS keeps its spaces', () => {
  assert.deepEqual(parse('retr 1'), { keyword: 'RETR', rest: '1', args: ['1'] });
  assert.deepEqual(parse('PASS  two  words '), {
    keyword: 'PASS',
    rest: ' two  words ',
    args: ['', 'two', '', 'words'],
  });
  assert.deepEqual(parse('STAT '), { keyword: 'STAT', rest: '', args: [] });
  assert.deepEqual(parse('LIST 1 '), { keyword: 'LIST', rest: '1 ', args: ['1'] });
});

test('what no command may contain', () => {
  for (const bad of ['US\0ER a', 'USER a\rb', 'USER \x1b[2J', Buffer.from([0x55, 0xff])]) {
    assert.ok('wrong' in parse(bad));
  }
  assert.ok('wrong' in parseCommand({ kind: 'too-long', bare: false }));
});

test('numbers are digits alone', () => {
  assert.equal(parseNumber('007'), 7);
  for (const bad of [undefined, '', '-1', '+1', '1.5', '0x1', ' 1', '12345678901']) {
    assert.equal(parseNumber(bad), undefined);
  }
});
