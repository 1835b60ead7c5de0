import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Columns, FlagSets } from '../../mail/account/state.ts';
import type { MessageId } from '../../mail/ids.ts';
import { alterations } from './alterations.ts';

const flagSets: FlagSets = { flags: () => [], text: () => '()', has: () => false, size: 1, all: () => [] };

function columns(rows: readonly (readonly [uid: number, modSeq: number])[]): Columns {
  return {
    count: rows.length,
    uid: Uint32Array.from(rows, ([uid]) => uid),
    modSeq: Float64Array.from(rows, ([, modSeq]) => modSeq),
    flagSet: new Uint32Array(rows.length),
    sizeBytes: new Float64Array(rows.length),
    internalDateMs: new Float64Array(rows.length),
    messageId: () => '' as MessageId,
    flagSets,
  };
}

test('what left, what changed, and where it is now', () => {
  const before = columns([
    [1, 1],
    [2, 1],
    [5, 2],
    [7, 3],
  ]);
  const none = { gone: [], changed: [], changedNow: [] };
  assert.deepEqual(alterations(before, before), none);
  assert.deepEqual(
    alterations(
      before,
      columns([
        [1, 1],
        [2, 1],
        [5, 2],
        [7, 3],
        [9, 4],
      ]),
    ),
    none,
  );
  assert.deepEqual(
    alterations(
      before,
      columns([
        [1, 4],
        [2, 1],
        [5, 2],
        [7, 4],
      ]),
    ),
    {
      gone: [],
      changed: [0, 3],
      changedNow: [0, 3],
    },
  );
  assert.deepEqual(
    alterations(
      before,
      columns([
        [2, 1],
        [7, 5],
        [9, 4],
        [10, 4],
      ]),
    ),
    {
      gone: [0, 2],
      changed: [3],
      changedNow: [1],
    },
  );
  assert.deepEqual(alterations(before, columns([])), { ...none, gone: [0, 1, 2, 3] });
  assert.deepEqual(alterations(columns([]), before), none);
});
