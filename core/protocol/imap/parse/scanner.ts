/**
 * Reads the tokens of RFC 3501 9 off one command. The text is the whole command with its
 * literals in place (`{3}CRLFabc`), one char per octet. Knows no command.
 */
import { parseFlag } from '../../../mail/flags.ts';
import { parseSequenceSet, type SequenceSet } from '../../../mail/uid-set.ts';
import { MAX_FLAGS } from '../limits.ts';

/** What is wrong with the command; becomes BAD at the parser's edge and goes no further. */
export class SyntaxFault extends Error {
  override readonly name = 'SyntaxFault';
}

/** atom = 1*ATOM-CHAR: no CTL, blank or atom-specials `(){%*"\]`; 8-bit octets are no atoms either. */
const atomPattern = /[^\x00-\x20\x7f-\xff(){%*"\\\]]+/y;
/** astring = 1*ASTRING-CHAR: as atom, and `]`. */
const astringPattern = /[^\x00-\x20\x7f-\xff(){%*"\\]+/y;
/** list-mailbox: as astring, and `%*`; 8-bit octets for clients that send UTF-8. */
const listPattern = /[^\x00-\x20\x7f(){"\\]+/y;
const numberPattern = /[0-9]{1,19}/y;
const setPattern = /[0-9*:,]+/y;
const flagPattern = /\\?[^\x00-\x20\x7f-\xff(){%*"\\\]]+/y;
/** Without CR, LF and NUL, quotes and backslashes escaped. */
const quotedPattern = /"((?:[^\x00\r\n"\\]|\\["\\])*)"/y;
const literalPattern = /~?\{([0-9]{1,10})\+?\}\r\n/y;

export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Whether `chars` come next; nothing is consumed. */
  looksAt(chars: string): boolean {
    return this.text.startsWith(chars, this.at);
  }

  /** Consumes `chars` if they come next. */
  skip(chars: string): boolean {
    if (!this.looksAt(chars)) return false;
    this.at += chars.length;
    return true;
  }

  expect(chars: string, what = `'${chars}'`): void {
    if (!this.skip(chars)) throw new SyntaxFault(`${what} expected at octet ${this.at + 1}`);
  }

  space(): void {
    this.expect(' ', 'a space');
  }

  end(): void {
    if (!this.atEnd) throw new SyntaxFault(`unexpected text after the command at octet ${this.at + 1}`);
  }

  atom(what = 'an atom'): string {
    return this.#token(atomPattern, what);
  }

  /** An atom in capitals: a command, an item, a key. */
  word(what?: string): string {
    return this.atom(what).toUpperCase();
  }

  /** Octets as chars. */
  astring(what = 'a string'): string {
    return this.#atString() ? this.string(what) : this.#token(astringPattern, what);
  }

  /** quoted or literal; octets as chars. */
  string(what = 'a string'): string {
    if (this.looksAt('"')) return this.#quoted(what);
    const size = Number(this.#match(literalPattern)?.[1] ?? Number.NaN);
    if (Number.isNaN(size)) throw new SyntaxFault(`${what} expected at octet ${this.at + 1}`);
    const octets = this.text.slice(this.at, this.at + size);
    if (octets.length < size || octets.includes('\0')) throw new SyntaxFault(`bad literal for ${what}`);
    this.at += size;
    return octets;
  }

  /** nstring: undefined for NIL. */
  nstring(what?: string): string | undefined {
    if (this.#atString()) return this.string(what);
    if (this.word(what) !== 'NIL') throw new SyntaxFault(`${what ?? 'a string'} or NIL expected`);
    return undefined;
  }

  /** list-mailbox of LIST and LSUB. */
  listMailbox(): string {
    return this.#atString() ? this.string('a pattern') : this.#token(listPattern, 'a pattern');
  }

  /** Up to 2^63 - 1, which a double rounds far above all that is in use. */
  number(what = 'a number'): number {
    return Number(this.#token(numberPattern, what));
  }

  sequenceSet(): SequenceSet {
    const set = parseSequenceSet(this.#token(setPattern, 'a sequence set'));
    if (set === undefined) throw new SyntaxFault('bad sequence set');
    return set;
  }

  /** ABNF: "(" [flag *(SP flag)] ")". Canonical spelling. */
  flagList(): readonly string[] {
    this.expect('(');
    if (this.skip(')')) return [];
    const flags = this.flags();
    this.expect(')');
    return flags;
  }

  /** ABNF: flag *(SP flag). \Recent is the server's alone and left out (RFC 3501 2.3.2). */
  flags(): readonly string[] {
    const flags = [this.flag()];
    while (this.skip(' ')) flags.push(this.flag());
    if (flags.length > MAX_FLAGS) throw new SyntaxFault(`more than ${MAX_FLAGS} flags`);
    return flags.filter((flag) => flag !== '\\Recent');
  }

  /** One flag in its canonical spelling. */
  flag(): string {
    const text = this.#token(flagPattern, 'a flag');
    const flag = text.toLowerCase() === '\\recent' ? '\\Recent' : parseFlag(text);
    if (flag === undefined) throw new SyntaxFault('no such flag, or one that is too long');
    return flag;
  }

  /** The next chars if the sticky pattern matches here. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    return this.#match(pattern);
  }

  #atString(): boolean {
    return this.looksAt('"') || this.looksAt('{');
  }

  #quoted(what: string): string {
    const matched = this.#match(quotedPattern);
    if (!matched) throw new SyntaxFault(`bad quoted string for ${what}`);
    return (matched[1] ?? '').replace(/\\(["\\])/g, '$1');
  }

  #token(pattern: RegExp, what: string): string {
    const matched = this.#match(pattern);
    if (!matched) throw new SyntaxFault(`${what} expected at octet ${this.at + 1}`);
    return matched[0];
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const matched = pattern.exec(this.text);
    if (!matched) return undefined;
    this.at += matched[0].length;
    return matched;
  }
}
