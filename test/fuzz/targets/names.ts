/** Sequence sets, flags, mailbox names in UTF-7 and LIST patterns, the last against a plain matcher. */
import assert from 'node:assert/strict';
import { parseFlag } from '../../../core/mail/flags.ts';
import { ancestorsOf, matcher, parseMailboxName } from '../../../core/mail/mailbox-name.ts';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from '../../../core/mail/modified-utf7.ts';
import {
  formatUidSet,
  maxSetNumber,
  parseSequenceSet,
  readUidSet,
  resolveSequenceSet,
  setHas,
} from '../../../core/mail/uid-set.ts';
import type { Chance } from '../chance.ts';
import type { Target } from '../target.ts';

const words = [
  '*',
  '%',
  '/',
  'INBOX',
  'inbox/',
  '&AOQ-',
  '&-',
  '&',
  ':',
  ',',
  '1:*',
  '4294967295',
  '\\Seen',
  'a',
  '\n',
];

/** First line: a set, a flag or a pattern. Second line: a name. */
export const names: Target = {
  name: 'names',
  words,
  generate: (chance) => Buffer.from(`${text(chance)}\n${text(chance)}`, 'latin1'),
  run: (input) => {
    const [first = '', second = ''] = input.toString('latin1').split('\n');
    checkSet(first);
    parseFlag(first);
    checkUtf7(first);
    checkName(first);
    checkPattern(first, second);
  },
};

function text(chance: Chance): string {
  if (chance.oneIn(3))
    return chance.some(
      6,
      () => (chance.oneIn(2) ? chance.number() : `${chance.number()}:${chance.pick(['*', '5'])}`),
      ',',
    );
  return chance.some(8, () => chance.pick([chance.pick(words), chance.octets(2)]));
}

function checkSet(first: string): void {
  const set = parseSequenceSet(first);
  if (set === undefined) return;
  const uids = resolveSequenceSet(set, 1000);
  assert.deepEqual(readUidSet(formatUidSet(uids)), uids, 'a set again');
  let last = -1;
  for (const [start, end] of uids) {
    assert.ok(start > last + 1 && start <= end && end <= maxSetNumber, 'ascending and apart');
    assert.ok(setHas(uids, start) && setHas(uids, end) && !setHas(uids, end + 1), 'has');
    last = end;
  }
}

function checkUtf7(octets: string): void {
  const text = decodeModifiedUtf7(octets);
  if (text !== undefined) assert.equal(encodeModifiedUtf7(text), octets, 'UTF-7 again');
}

function checkName(octets: string): void {
  const parsed = parseMailboxName(Buffer.from(octets, 'latin1').toString());
  if (!('name' in parsed)) return;
  assert.deepEqual(parseMailboxName(parsed.name), parsed, 'a name is its own canonical form');
  assert.equal(decodeModifiedUtf7(encodeModifiedUtf7(parsed.name)), parsed.name, 'a name through UTF-7');
  assert.equal(ancestorsOf(parsed.name).length, parsed.name.split('/').length - 1);
  assert.equal(matcher(parsed.name)?.(parsed.name), true, 'a name matches itself');
}

function checkPattern(pattern: string, name: string): void {
  const matches = matcher(pattern);
  if (matches === undefined) return;
  const matched = matches(name);
  if (
    pattern.length > 200 ||
    name.length > 500 ||
    /inbox/i.test(pattern) ||
    pattern.normalize('NFC') !== pattern
  )
    return;
  assert.equal(matched, plainMatch(pattern, name), 'LIST pattern');
}

/** One row of a table for each char of the pattern. */
function plainMatch(pattern: string, name: string): boolean {
  let row = Array.from({ length: name.length + 1 }, (_, at) => at === 0);
  for (const char of pattern) {
    const next = row.map(() => false);
    for (let at = 0; at <= name.length; at++) {
      if (char === '*' || char === '%') {
        const more = at > 0 && next[at - 1] === true && (char === '*' || name[at - 1] !== '/');
        next[at] = row[at] === true || more;
      } else next[at] = at > 0 && row[at - 1] === true && name[at - 1] === char;
    }
    row = next;
  }
  return row[name.length] === true;
}
