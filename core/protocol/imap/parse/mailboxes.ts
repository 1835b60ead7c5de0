/** Arguments of the commands about mailboxes (RFC 3501 6.3, RFC 7162 3.1.8, RFC 9208). */
import type { Command, CommandOf, MessageLiteral, StatusItem } from '../command.ts';
import { statusItems } from '../command.ts';
import { scanDateTime } from './date.ts';
import { decodeMailbox } from './mailbox.ts';
import { type Scanner, SyntaxFault } from './scanner.ts';

/** mailbox = "INBOX" / astring, as the name it stands for. */
export function scanMailbox(scanner: Scanner): string {
  scanner.space();
  return decodeMailbox(scanner.astring('a mailbox name'));
}

const specialUses = ['\\All', '\\Archive', '\\Drafts', '\\Flagged', '\\Junk', '\\Sent', '\\Trash'];

/** ABNF: SP mailbox [SP "(" "USE" SP "(" use-attr *(SP use-attr) ")" ")"] (RFC 6154 6). */
export function parseCreate(scanner: Scanner): Command {
  const mailbox = scanMailbox(scanner);
  if (!scanner.skip(' ')) return { name: 'CREATE', mailbox, specialUse: undefined };
  scanner.expect('(');
  if (scanner.word('USE') !== 'USE') throw new SyntaxFault('unknown CREATE parameter');
  scanner.space();
  scanner.expect('(');
  const written = scanner.match(/\\[A-Za-z]+/y)?.[0].toLowerCase() ?? '';
  // A mailbox here has one use; more in the list end in "')' expected".
  scanner.expect('))');
  const specialUse = specialUses.find((use) => use.toLowerCase() === written) ?? written;
  return { name: 'CREATE', mailbox, specialUse };
}

/** ABNF: SP mailbox [SP "(" "CONDSTORE" ")"]. */
export function parseSelect(scanner: Scanner, name: 'SELECT' | 'EXAMINE'): Command {
  const mailbox = scanMailbox(scanner);
  if (!scanner.skip(' ')) return { name, mailbox, condstore: false };
  scanner.expect('(');
  const parameter = scanner.word('a SELECT parameter');
  if (parameter !== 'CONDSTORE') throw new SyntaxFault(`unknown SELECT parameter ${parameter}`);
  scanner.expect(')');
  return { name, mailbox, condstore: true };
}

export function parseRename(scanner: Scanner): Command {
  const from = scanMailbox(scanner);
  return { name: 'RENAME', from, to: scanMailbox(scanner) };
}

/** ABNF: SP mailbox SP list-mailbox. */
export function parseLsub(scanner: Scanner): Command {
  const reference = scanMailbox(scanner);
  scanner.space();
  return { name: 'LSUB', reference, pattern: decodeMailbox(scanner.listMailbox()) };
}

/** ABNF: SP mailbox SP "(" status-att *(SP status-att) ")". */
export function parseStatus(scanner: Scanner): Command {
  const mailbox = scanMailbox(scanner);
  scanner.space();
  return { name: 'STATUS', mailbox, items: scanStatusItems(scanner) };
}

export function scanStatusItems(scanner: Scanner): readonly StatusItem[] {
  scanner.expect('(');
  const items = new Set<StatusItem>();
  do {
    const word = scanner.word('a STATUS item');
    const item = statusItems.find((known) => known === word);
    if (!item) throw new SyntaxFault(`unknown STATUS item ${word}`);
    items.add(item);
  } while (scanner.skip(' '));
  scanner.expect(')');
  return [...items];
}

/** ABNF: SP mailbox [SP flag-list] [SP date-time] SP literal; the literal itself is not in the text. */
export function parseAppend(scanner: Scanner, literal: MessageLiteral | undefined): CommandOf<'APPEND'> {
  const mailbox = scanMailbox(scanner);
  scanner.space();
  const flags = scanner.looksAt('(') ? scanner.flagList() : [];
  if (flags.length > 0 || scanner.looksAt(' ')) scanner.space();
  const internalDateMs = scanner.looksAt('"') ? scanDateTime(scanner) : undefined;
  if (internalDateMs !== undefined) scanner.space();
  if (!literal || !scanner.match(/\{[0-9]+\+?\}$/y)) throw new SyntaxFault('a literal expected');
  return { name: 'APPEND', mailbox, flags, internalDateMs, literal };
}
