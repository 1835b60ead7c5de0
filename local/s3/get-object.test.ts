import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type Bodies, FileBodies } from './bodies.ts';
import { openSegments, readSegments } from './get-object.ts';
import type { ObjectHead } from './object-table.ts';

const SEGMENTS = [
  { name: 'abc', sizeBytes: 3 },
  { name: 'de', sizeBytes: 2 },
  { name: 'fghi', sizeBytes: 4 },
];

/** Bodies whose bytes are their names; remembers the streams it gave out. */
function open(start: number, end: number) {
  const streams: Readable[] = [];
  const names: string[] = [];
  const bodies: Pick<Bodies, 'open' | 'read'> = {
    read(name, from, to) {
      names.push(name);
      return Buffer.from(name.slice(from, to));
    },
    async open(name, from, to) {
      const stream = Readable.from([name.slice(from, to)], { objectMode: false });
      streams.push(stream);
      return stream;
    },
  };
  const head = { segments: SEGMENTS } as unknown as ObjectHead;
  const from = { bodies: bodies as Bodies };
  const opened = openSegments(from, head, { start, end });
  return { opened, streams, read: () => readSegments(from, head, { start, end }), names };
}

test('a range touches only the segments that have its bytes', async () => {
  for (const [start, end, bytes, count] of [
    [0, 9, 'abcdefghi', 3],
    [2, 4, 'cd', 2],
    [3, 5, 'de', 1],
    [8, 9, 'i', 1],
    [0, 0, '', 0],
  ] as const) {
    const { opened, streams, read, names } = open(start, end);
    const stream = await opened;
    assert.ok(stream);
    assert.equal(await text(stream), bytes);
    assert.equal(streams.length, count, `${start}-${end}`);
    assert.equal(String(read()), bytes);
    assert.equal(names.length, count, `${start}-${end}`);
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

test('a small range of a file is there at once, and nothing is there of a file that went', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'postfold-s3-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const bodies = new FileBodies(join(folder, 'objects'));
  const writer = await bodies.create();
  await writer.write(Buffer.from('abcdef'));
  const name = await writer.commit();
  assert.equal(String(bodies.read(name, 2, 5)), 'cde');
  assert.throws(() => bodies.read(name, 2, 7), /shorter/);
  await bodies.remove(name);
  assert.equal(bodies.read(name, 2, 5), undefined);
});
