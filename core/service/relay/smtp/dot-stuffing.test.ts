/** Line ends and dots, whatever way the message is cut into chunks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crlfLines, dotStuffed } from './dot-stuffing.ts';

async function* cut(text: string, sizes: () => number): AsyncGenerator<Uint8Array, void, undefined> {
  const octets = Buffer.from(text, 'latin1');
  for (let at = 0; at < octets.length; ) {
    const size = sizes();
    yield octets.subarray(at, at + size);
    at += size;
  }
}
const gather = async (octets: AsyncIterable<Uint8Array>) =>
  Buffer.concat(await Array.fromAsync(octets)).toString('latin1');

const cases: readonly (readonly [string, string, string])[] = [
  ['', '', '.\r\n'],
  ['a', 'a\r\n', 'a\r\n.\r\n'],
  ['a\r\n', 'a\r\n', 'a\r\n.\r\n'],
  ['.\r\n..\r\n', '.\r\n..\r\n', '..\r\n...\r\n.\r\n'],
  ['a\nb\rc\r\n', 'a\r\nb\r\nc\r\n', 'a\r\nb\r\nc\r\n.\r\n'],
  ['a\n.\nb', 'a\r\n.\r\nb\r\n', 'a\r\n..\r\nb\r\n.\r\n'],
  ['a\r.\rQUIT\r', 'a\r\n.\r\nQUIT\r\n', 'a\r\n..\r\nQUIT\r\n.\r\n'],
  ['\r\r\n\n', '\r\n\r\n\r\n', '\r\n\r\n\r\n.\r\n'],
];

test('each case comes out the same for every size of chunk', async () => {
  for (const [input, lines, stuffed] of cases)
    for (const size of [1, 2, 3, 1000]) {
      assert.equal(await gather(crlfLines(cut(input, () => size))), lines, JSON.stringify([input, size]));
      assert.equal(await gather(dotStuffed(cut(input, () => size))), stuffed, JSON.stringify([input, size]));
    }
});

test('random messages: never a bare line end, never a lone dot inside, and undone they are as they were', async () => {
  let seed = 7;
  const next = (n: number) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return (seed >> 8) % n;
  };
  for (let round = 0; round < 300; round++) {
    const text = Array.from({ length: next(30) }, () => '\r\n..ab'[next(6)]).join('');
    const plain = await gather(crlfLines(cut(text, () => 1 + next(4))));
    const sent = await gather(dotStuffed(cut(text, () => 1 + next(4))));
    assert.doesNotMatch(sent, /\r(?!\n)|(?<!\r)\n/);
    assert.equal(
      sent.search(/(?:^|\r\n)\.\r\n/) + (sent.startsWith('.\r\n') ? 3 : 5),
      sent.length,
      JSON.stringify(text),
    );
    assert.equal(sent.slice(0, -3).replace(/^\.\./gm, '.'), plain);
  }
});
