import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DotScanner } from './dot-scanner.ts';

function scanAll(chunks: readonly Buffer[]) {
  const scanner = new DotScanner();
  const pieces: Buffer[] = [];
  let rest = Buffer.alloc(0);
  for (const chunk of chunks) {
    if (scanner.ended) rest = Buffer.concat([rest, chunk]);
    else pieces.push(...scanner.scan(chunk));
  }
  return {
    message: Buffer.concat(pieces).toString('latin1'),
    rest: Buffer.concat([scanner.rest, rest]).toString('latin1'),
    ended: scanner.ended,
    bare: scanner.bareLineEnd,
  };
}

/** Every way to cut the octets into two chunks, and one octet at a time. */
function everyCut(text: string) {
  const octets = Buffer.from(text, 'latin1');
  const cuts = Array.from(octets, (_, at) => [octets.subarray(0, at), octets.subarray(at)]);
  return [[octets], Array.from(octets, (octet) => Buffer.from([octet])), ...cuts];
}

const cases = [
  { name: 'ordinary', wire: 'a\r\nb\r\n.\r\nQUIT', message: 'a\r\nb\r\n', rest: 'QUIT' },
  { name: 'empty', wire: '.\r\n', message: '', rest: '' },
  { name: 'stuffed dots', wire: '..\r\n...a\r\n.b\r\n.\r\n', message: '.\r\n..a\r\nb\r\n', rest: '' },
  { name: 'dots inside', wire: 'a.\r\nb.c\r\n.\r\n', message: 'a.\r\nb.c\r\n', rest: '' },
  { name: 'long line', wire: `${'x'.repeat(300)}\r\n.\r\n`, message: `${'x'.repeat(300)}\r\n`, rest: '' },
];
for (const { name, wire, message, rest } of cases) {
  test(`${name}: wherever the chunks end`, () => {
    for (const chunks of everyCut(wire)) {
      assert.deepEqual(scanAll(chunks), { message, rest, ended: true, bare: false });
    }
  });
}

const smuggling = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\r',
  '\r\r\n.\r\r\n',
  '\r\n.\0\r\n',
  '\n\r.\n\r',
];
for (const end of smuggling) {
  test(`${JSON.stringify(end)} does not end a message`, () => {
    const wire = `a${end}MAIL FROM:<x@y>\r\n.\r\nNOOP\r\n`;
    for (const chunks of everyCut(wire)) {
      const { rest, ended, bare } = scanAll(chunks);
      assert.equal(ended, true);
      assert.equal(rest, 'NOOP\r\n');
      assert.equal(bare, !end.includes('\0'));
    }
  });
}
