/** Arguments of STORE, COPY, MOVE and EXPUNGE (RFC 3501 6.4, RFC 4315, RFC 6851, RFC 7162 3.1.3). */
import type { Command } from '../command.ts';
import { scanMailbox } from './mailboxes.ts';
import { type Scanner, SyntaxFault } from './scanner.ts';

const modes = { FLAGS: 'replace', '+FLAGS': 'add', '-FLAGS': 'remove' } as const;

/** ABNF: SP sequence-set [SP "(" "UNCHANGEDSINCE" SP number ")"] SP ["+" / "-"] "FLAGS" [".SILENT"] SP (flag-list / flag *(SP flag)). */
export function parseStore(scanner: Scanner, byUid: boolean): Command {
  scanner.space();
  const set = scanner.sequenceSet();
  scanner.space();
  const unchangedSince = scanner.looksAt('(') ? scanUnchangedSince(scanner) : undefined;
  const word = scanner.word('FLAGS');
  const silent = word.endsWith('.SILENT');
  const base = silent ? word.slice(0, -'.SILENT'.length) : word;
  if (base !== 'FLAGS' && base !== '+FLAGS' && base !== '-FLAGS')
    throw new SyntaxFault(`unknown STORE item ${word}`);
  scanner.space();
  const flags = scanner.looksAt('(') ? scanner.flagList() : scanner.flags();
  return { name: 'STORE', byUid, set, mode: modes[base], silent, flags, unchangedSince };
}

function scanUnchangedSince(scanner: Scanner): number {
  scanner.expect('(');
  const word = scanner.word();
  if (word !== 'UNCHANGEDSINCE') throw new SyntaxFault(`unknown STORE modifier ${word}`);
  scanner.space();
  const value = scanner.number('a mod-sequence');
  scanner.expect(')');
  scanner.space();
  return value;
}

/** ABNF: SP sequence-set SP mailbox. */
export function parseCopy(scanner: Scanner, name: 'COPY' | 'MOVE', byUid: boolean): Command {
  scanner.space();
  const set = scanner.sequenceSet();
  return { name, byUid, set, mailbox: scanMailbox(scanner) };
}

export function parseExpunge(scanner: Scanner, byUid: boolean): Command {
  if (!byUid) return { name: 'EXPUNGE', uids: undefined };
  scanner.space();
  return { name: 'EXPUNGE', uids: scanner.sequenceSet() };
}
