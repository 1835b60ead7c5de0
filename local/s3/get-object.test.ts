import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Bodies } from './bodies.ts';
import { openSegments } from './get-object.ts';
import type { ObjectHead } from './object-table.ts';

const SEGMENTS = [
  { name: 'abc', sizeBytes: 3 },
  { name: 'de', sizeBytes: 2 },
  { name: 'fghi', sizeBytes: 4 },
];

/** Bodies whose bytes are their names; remembers the streams it gave out. */
function open(start: number, end: number) {
  const streams: Readable[] = [];
  const bodies: Pick<Bodies, 'open'> = {
    async open(name, from, to) {
      const stream = Readable.from([name.slice(from, to)], { objectMode: false });
      streams.push(stream);
      return stream;
    },
  };
  const head = { segments: SEGMENTS } as unknown as ObjectHead;
  const opened = openSegments({ bodies: bodies as Bodies }, head, { start, end });
  return { opened, streams };
}

test('a range touches only the segments that have its bytes', async () => {
  for (const [start, end, bytes, count] of [
    [0, 9, 'abcdefghi', 3],
    [2, 4, 'cd', 2],
    [3, 5, 'de', 1],
    [8, 9, 'i', 1],
    [0, 0, '', 0],
  ] as const) {
    const { opened, streams } = open(start, end);
    const stream = await opened;
    assert.ok(stream);
    assert.equal(await text(stream), bytes);
    assert.equal(streams.length, count, `${start}-${end}`);
  }
});

test('a stream that is let go unread lets go of the segment it had opened', async () => {
  const { opened, streams } = open(0, 9);
  const stream = await opened;
  assert.ok(stream);
  stream.destroy();
  await once(stream, 'close');
  assert.deepEqual(
    streams.map(({ destroyed }) => destroyed),
    [true],
  );
});
