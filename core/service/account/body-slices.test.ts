// Every range of a message with prefix and cuts, against the plain concatenation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BodyRef } from '../../mail/message-record.ts';
import { bodySlices } from './body-slices.ts';

const object = 'abcdefghijklmnop';

function whole({ prefix = '', cuts = [] }: Partial<BodyRef>): string {
  const kept = [...object].filter((_, at) => !cuts.some(([start, end]) => at >= start && at < end));
  return prefix + kept.join('');
}

function sliced(body: BodyRef, start: number, end: number): string {
  return bodySlices(body, start, end)
    .map((slice) =>
      slice.kind === 'octets'
        ? Buffer.from(slice.octets).toString('latin1')
        : object.slice(slice.start, slice.end),
    )
    .join('');
}

test('all ranges of all shapes', () => {
  const shapes: Partial<BodyRef>[] = [
    {},
    { prefix: 'XY\xff' },
    { cuts: [[3, 5]] },
    {
      cuts: [
        [0, 2],
        [2, 4],
        [14, 16],
      ],
    },
    {
      prefix: 'XYZ',
      cuts: [
        [0, 1],
        [7, 9],
      ],
    },
    { prefix: 'XYZ', cuts: [[0, 16]] },
  ];
  for (const shape of shapes) {
    const text = whole(shape);
    const body: BodyRef = { key: 'k', sizeBytes: text.length, ...shape };
    for (let start = 0; start <= text.length; start++)
      for (let end = start; end <= text.length + 3; end++)
        assert.equal(sliced(body, start, end), text.slice(start, end), JSON.stringify({ shape, start, end }));
    assert.ok(bodySlices(body, 0, 99).every((slice) => slice.kind === 'octets' || slice.start < slice.end));
  }
});
