// States share arrays and pages with those they were made from: whatever is made of one, all others stay as they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../test/support/random.ts';
import type { ModSeq, Uid } from '../ids.ts';
import { MailboxColumns } from './columns.ts';
import { messageId } from './testkit.ts';

const id = messageId(1);

function appended(columns: MailboxColumns, rows: number, modSeq: number): MailboxColumns {
  let next = columns;
  for (let n = 0; n < rows; n++) {
    const flagSet = next.flagSets.index(n % 3 === 0 ? ['\\Seen'] : []);
    const uid = (next.count + 1) as Uid;
    const row = { uid, flagSet, modSeq: modSeq as ModSeq, sizeBytes: modSeq, internalDateMs: 0 };
    next = next.append({ ...row, messageId: id });
  }
  return next;
}

function changed(columns: MailboxColumns, start: number, end: number, modSeq: number): MailboxColumns {
  const next = columns.withOwnMarks();
  const flagged = next.flagSets.index(['\\Flagged']);
  next.changeMarks(start, end, () => flagged, modSeq as ModSeq);
  return next;
}

function contentOf(columns: MailboxColumns): readonly string[] {
  const { count, uid, sizeBytes, flagSets } = columns;
  const text = (row: number) => `${flagSets.text(columns.flagSet(row))} ${columns.modSeq(row)}`;
  return Array.from({ length: count }, (_, row) => `${uid[row]} ${sizeBytes[row]} ${text(row)}`);
}

test('two states grow out of one, both into a page that it does not have', () => {
  const common = appended(MailboxColumns.empty(), 500, 1);
  const first = appended(common, 100, 2);
  const content = contentOf(first);
  const second = appended(common, 100, 3);
  const third = appended(changed(common, 0, 1, 4), 100, 5);
  assert.deepEqual(contentOf(first), content);
  for (const [columns, modSeq] of [
    [second, 3],
    [third, 5],
  ] as const)
    for (let row = 500; row < 600; row++) assert.equal(columns.modSeq(row), modSeq);
});

test('any tree of states: each stays as it was made', () => {
  const random = seededRandom(7);
  const below = (n: number) => Math.floor(random() * n);
  const states = [{ columns: MailboxColumns.empty(), content: contentOf(MailboxColumns.empty()) }];
  for (let modSeq = 1; modSeq <= 400; modSeq++) {
    const from = (below(3) === 0 ? states[below(states.length)] : states.at(-1))?.columns;
    assert.ok(from);
    const columns = descendant(from, modSeq, below);
    states.push({ columns, content: contentOf(columns) });
    if (states.length <= 20) continue;
    const [gone] = states.splice(below(states.length), 1);
    assert.deepEqual(gone && contentOf(gone.columns), gone?.content);
  }
  for (const { columns, content } of states) assert.deepEqual(contentOf(columns), content);
});

function descendant(from: MailboxColumns, modSeq: number, below: (n: number) => number): MailboxColumns {
  const kind = from.count < 100 ? 0 : below(10);
  if (kind < 6) return appended(from, 1 + below(below(3) === 0 ? 600 : 5), modSeq);
  if (kind < 9) {
    const start = below(from.count);
    return changed(from, start, start + 1 + below(Math.min(600, from.count - start)), modSeq);
  }
  const dead = Uint8Array.from({ length: from.count }, () => below(2));
  return from.without(
    dead,
    dead.reduce((sum, one) => sum + one, 0),
  );
}
