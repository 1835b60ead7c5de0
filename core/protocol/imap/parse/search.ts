/** SEARCH's arguments (RFC 3501 6.4.4, RFC 4731 RETURN, RFC 5032 OLDER and YOUNGER, RFC 7162 3.1.5 MODSEQ). */

import { foldText } from '../../../mail/fold-text.ts';
import type { SearchCommand, SearchReturn } from '../command.ts';
import { MAX_SEARCH_DEPTH, MAX_SEARCH_KEYS } from '../limits.ts';
import type { SearchKey } from '../search-key.ts';
import { scanDate } from './date.ts';
import { type Scanner, SyntaxFault } from './scanner.ts';

/** ABNF: "SEARCH" [SP "RETURN" ...] [SP "CHARSET" SP astring] 1*(SP search-key). */
export function parseSearch(scanner: Scanner, byUid: boolean): SearchCommand {
  scanner.space();
  const returns = skipWord(scanner, 'RETURN') ? scanReturns(scanner) : undefined;
  let charset: string | undefined;
  if (skipWord(scanner, 'CHARSET')) {
    charset = scanner.astring('a charset').toUpperCase();
    scanner.space();
  }
  const text =
    charset === undefined || charset === 'UTF-8' || charset === 'US-ASCII' ? decodeText : undefined;
  const key = scanAll(new KeyScanner(scanner, text));
  return { name: 'SEARCH', byUid, charset, key, returns };
}

function decodeText(octets: string): string {
  return foldText(Buffer.from(octets, 'latin1').toString('utf8'));
}

function skipWord(scanner: Scanner, word: string): boolean {
  const next = scanner.text.slice(scanner.at, scanner.at + word.length + 1).toUpperCase();
  return next === `${word} ` && scanner.skip(scanner.text.slice(scanner.at, scanner.at + word.length + 1));
}

function scanReturns(scanner: Scanner): readonly SearchReturn[] {
  const returns: SearchReturn[] = [];
  scanner.expect('(');
  while (!scanner.skip(')')) {
    if (returns.length > 0) scanner.space();
    const word = scanner.word('a RETURN option');
    if (word !== 'MIN' && word !== 'MAX' && word !== 'ALL' && word !== 'COUNT') {
      throw new SyntaxFault(`unknown RETURN option ${word}`);
    }
    if (returns.length < 4) returns.push(word);
  }
  scanner.space();
  return returns.length === 0 ? ['ALL'] : returns;
}

/** A scanner that counts keys and depth. */
class KeyScanner {
  readonly scanner: Scanner;
  /** Undefined when the charset is none we know: the command is refused anyway. */
  readonly decode: (octets: string) => string;
  keys = 0;
  depth = 0;

  constructor(scanner: Scanner, decode: ((octets: string) => string) | undefined) {
    this.scanner = scanner;
    this.decode = decode ?? (() => '');
  }

  text(): string {
    this.scanner.space();
    return this.decode(this.scanner.astring('a search string'));
  }

  number(): number {
    this.scanner.space();
    return this.scanner.number();
  }

  day(): number {
    this.scanner.space();
    return scanDate(this.scanner);
  }
}

function scanAll(keys: KeyScanner): SearchKey {
  const all = [scanKey(keys)];
  while (keys.scanner.skip(' ')) all.push(scanKey(keys));
  const [only] = all;
  return all.length === 1 && only ? only : { key: 'and', keys: all };
}

function scanKey(keys: KeyScanner): SearchKey {
  if (++keys.keys > MAX_SEARCH_KEYS) throw new SyntaxFault(`more than ${MAX_SEARCH_KEYS} search keys`);
  if (++keys.depth > MAX_SEARCH_DEPTH)
    throw new SyntaxFault(`search nested more than ${MAX_SEARCH_DEPTH} deep`);
  const key = scanOne(keys);
  keys.depth--;
  return key;
}

function scanOne(keys: KeyScanner): SearchKey {
  const { scanner } = keys;
  if (scanner.skip('(')) {
    const inner = scanAll(keys);
    scanner.expect(')');
    return inner;
  }
  if (/[0-9*]/.test(scanner.text.charAt(scanner.at))) return { key: 'sequence', set: scanner.sequenceSet() };
  const word = scanner.word('a search key');
  return flagKeys[word] ?? argumentKey(word, keys);
}

const flag = (name: string): SearchKey => ({ key: 'flag', flag: name });
const not = (of: SearchKey): SearchKey => ({ key: 'not', of });

const flagKeys: Readonly<Record<string, SearchKey>> = {
  ALL: { key: 'all' },
  ANSWERED: flag('\\Answered'),
  DELETED: flag('\\Deleted'),
  DRAFT: flag('\\Draft'),
  FLAGGED: flag('\\Flagged'),
  SEEN: flag('\\Seen'),
  RECENT: flag('\\Recent'),
  NEW: { key: 'and', keys: [flag('\\Recent'), not(flag('\\Seen'))] },
  OLD: not(flag('\\Recent')),
  UNANSWERED: not(flag('\\Answered')),
  UNDELETED: not(flag('\\Deleted')),
  UNDRAFT: not(flag('\\Draft')),
  UNFLAGGED: not(flag('\\Flagged')),
  UNSEEN: not(flag('\\Seen')),
};

function argumentKey(word: string, keys: KeyScanner): SearchKey {
  const { scanner } = keys;
  switch (word) {
    case 'NOT':
      scanner.space();
      return not(scanKey(keys));
    case 'OR':
      return scanOr(keys);
    case 'UID':
      scanner.space();
      return { key: 'uid', set: scanner.sequenceSet() };
    case 'KEYWORD':
      scanner.space();
      return flag(scanner.flag());
    case 'UNKEYWORD':
      scanner.space();
      return not(flag(scanner.flag()));
    case 'BODY':
    case 'TEXT':
      return { key: word === 'BODY' ? 'body' : 'text', text: keys.text() };
    case 'HEADER':
      scanner.space();
      return { key: 'header', field: scanner.astring('a field name').toLowerCase(), text: keys.text() };
    case 'BCC':
    case 'CC':
    case 'FROM':
    case 'SUBJECT':
    case 'TO':
      return { key: 'header', field: word.toLowerCase(), text: keys.text() };
    case 'LARGER':
    case 'SMALLER':
      return { key: word === 'LARGER' ? 'larger' : 'smaller', octets: keys.number() };
    case 'OLDER':
    case 'YOUNGER':
      return { key: word === 'OLDER' ? 'older' : 'younger', seconds: keys.number() };
    case 'MODSEQ':
      return scanModSeq(keys);
    default:
      return dateKey(word, keys);
  }
}

const dateKeys = {
  BEFORE: 'before',
  ON: 'on',
  SINCE: 'since',
  SENTBEFORE: 'sentbefore',
  SENTON: 'senton',
  SENTSINCE: 'sentsince',
} as const;

function dateKey(word: string, keys: KeyScanner): SearchKey {
  const key = Object.hasOwn(dateKeys, word) ? dateKeys[word as keyof typeof dateKeys] : undefined;
  if (!key) throw new SyntaxFault(`unknown search key ${word}`);
  return { key, day: keys.day() };
}

function scanOr(keys: KeyScanner): SearchKey {
  keys.scanner.space();
  const left = scanKey(keys);
  keys.scanner.space();
  return { key: 'or', left, right: scanKey(keys) };
}

/** ABNF: "MODSEQ" [SP entry-name SP ("all" / "priv" / "shared")] SP mod-sequence-valzer; we keep one number per message. */
function scanModSeq(keys: KeyScanner): SearchKey {
  const { scanner } = keys;
  scanner.space();
  if (scanner.looksAt('"')) {
    scanner.string('an entry name');
    scanner.space();
    scanner.atom('all, priv or shared');
    scanner.space();
  }
  return { key: 'modseq', atLeast: scanner.number('a mod-sequence') };
}
