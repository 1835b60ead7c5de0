import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommand } from './parse-command.ts';

function parsed(text: string) {
  const result = parseCommand(text, undefined);
  assert.ok('command' in result, 'fault' in result ? result.fault : '');
  return result.command;
}

function fault(text: string): string {
  const result = parseCommand(text, undefined);
  assert.ok('fault' in result, `${text} was taken`);
  return result.fault;
}

test('arguments come as atoms, quoted strings and literals', () => {
  assert.deepEqual(parsed('a login ann "p\\"w d"'), { name: 'LOGIN', user: 'ann', password: 'p"w d' });
  assert.deepEqual(parsed('a LOGIN {3}\r\nann {4+}\r\np\r\nw'), {
    name: 'LOGIN',
    user: 'ann',
    password: 'p\r\nw',
  });
  assert.deepEqual(parsed('a LOGIN "" ""'), { name: 'LOGIN', user: '', password: '' });
});

test('mailbox names are decoded from modified UTF-7', () => {
  assert.deepEqual(parsed('a DELETE "Entw&APw-rfe"'), { name: 'DELETE', mailbox: 'Entwürfe' });
  assert.match(fault('a CREATE "Entw&APw"'), /modified UTF-7/);
});

test('FETCH: macros, sections, partial, implied items', () => {
  const fetch = parsed(
    'a UID FETCH 1:* (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (To "X Y")]<10.20>) (CHANGEDSINCE 7)',
  );
  assert.ok(fetch.name === 'FETCH');
  assert.deepEqual(fetch.items, [
    { item: 'UID' },
    { item: 'MODSEQ' },
    { item: 'FLAGS' },
    {
      item: 'SECTION',
      label: 'BODY[1.2.HEADER.FIELDS (To "X Y")]',
      section: { part: '1.2', text: 'FIELDS', fields: ['To', 'X Y'] },
      partial: { start: 10, count: 20 },
      peek: true,
    },
  ]);
  assert.equal(fetch.changedSince, 7);
  const full = parsed('a fetch 2 full');
  assert.deepEqual(full.name === 'FETCH' && full.items.map(({ item }) => item), [
    'FLAGS',
    'INTERNALDATE',
    'RFC822.SIZE',
    'ENVELOPE',
    'BODY',
  ]);
  for (const bad of [
    'BODY[',
    'BODY[MIME]',
    'BODY[1.]',
    'BODY[0]',
    'BODY[]<1.0>',
    '()',
    '(FULL)',
    'BINARY[1]',
  ]) {
    fault(`a FETCH 1 ${bad}`);
  }
});

test('SEARCH: a tree of keys', () => {
  const search = parsed('a SEARCH CHARSET UTF-8 OR NOT SEEN (FROM "Ann" SINCE 1-Feb-1994) 2:4 KEYWORD $Junk');
  assert.ok(search.name === 'SEARCH');
  assert.deepEqual(search.key, {
    key: 'and',
    keys: [
      {
        key: 'or',
        left: { key: 'not', of: { key: 'flag', flag: '\\Seen' } },
        right: {
          key: 'and',
          keys: [
            { key: 'header', field: 'from', text: 'ann' },
            { key: 'since', day: 8797 },
          ],
        },
      },
      { key: 'sequence', set: { items: [[2, 4]] } },
      { key: 'flag', flag: '$Junk' },
    ],
  });
  fault(`a SEARCH ${'('.repeat(60)}ALL${')'.repeat(60)}`);
  fault('a SEARCH SINCE 31-Feb-1994');
  fault('a SEARCH CONSTRUCTOR');
});

test('STORE and its modifier', () => {
  assert.deepEqual(parsed('a STORE 1,3:* (UNCHANGEDSINCE 12) -FLAGS.SILENT \\Seen $x'), {
    name: 'STORE',
    byUid: false,
    set: {
      items: [
        [1, 1],
        [3, 'max'],
      ],
    },
    mode: 'remove',
    silent: true,
    flags: ['\\Seen', '$x'],
    unchangedSince: 12,
  });
  fault('a STORE 0 FLAGS ()');
});

test('APPEND: flags, date, literal', () => {
  const literal = { octets: 310, synchronizing: true };
  const result = parseCommand('A3 APPEND saved (\\Seen) " 7-Feb-1994 21:52:25 -0800" {310}', literal);
  assert.deepEqual('command' in result && result.command, {
    name: 'APPEND',
    mailbox: 'saved',
    flags: ['\\Seen'],
    internalDateMs: Date.UTC(1994, 1, 8, 5, 52, 25),
    literal,
  });
});

test('what is no command is a fault, never an exception', () => {
  const lines = [
    '',
    ' ',
    'a',
    '+ NOOP',
    '* NOOP',
    'a NOOP x',
    'a UID NOOP',
    'a UID UID FETCH 1 FLAGS',
    'a \0',
    'ä NOOP',
  ];
  for (const line of lines) fault(line);
});

test('mutilated commands are commands or faults, in little time', () => {
  const seeds = [
    'a UID FETCH 1:*,5 (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (To "X Y")]<10.20>) (CHANGEDSINCE 7)',
    'a SEARCH RETURN (MIN) CHARSET UTF-8 OR NOT SEEN (FROM {3}\r\nabc SINCE "1-Feb-1994") KEYWORD $Junk',
    'a LIST (SUBSCRIBED) "" (INBOX "a%") RETURN (STATUS (MESSAGES))',
    'a STORE 1 (UNCHANGEDSINCE 12) +FLAGS.SILENT (\\Seen "x")',
    'a CREATE "a&AOk-" (USE (\\Sent))',
    'a ID ("name" NIL)',
  ];
  let state = 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const chars = ' ()[]{}<>"\\\r\n\0%*+&-.,:0a1~\xff';
  for (let round = 0; round < 20_000; round++) {
    const text = seeds[random(seeds.length)] ?? '';
    const from = random(text.length);
    const change = [chars[random(chars.length)], '', text.slice(from, from + random(9)).repeat(2)][random(3)];
    const parsed = parseCommand(text.slice(0, from) + change + text.slice(from + random(4)), undefined);
    assert.ok('command' in parsed || parsed.fault.length > 0);
  }
  for (const long of ['"'.repeat(60_000), '('.repeat(60_000), '\\"'.repeat(30_000), '1,'.repeat(30_000)]) {
    const startMs = performance.now();
    parseCommand(`a SEARCH ${long}`, undefined);
    parseCommand(`a LOGIN "${long}`, undefined);
    parseCommand(`a FETCH ${long}`, undefined);
    assert.ok(performance.now() - startMs < 500, 'took long');
  }
});
