/**
 * One command's text into a Command (RFC 3501 9): the edge where what clients send becomes
 * values. It is total; every text gives a command or a fault, nothing is thrown.
 */
import type { Command, MessageLiteral } from '../command.ts';
import { parseFetch } from './fetch.ts';
import { parseList } from './list.ts';
import {
  parseAppend,
  parseCreate,
  parseLsub,
  parseRename,
  parseSelect,
  parseStatus,
  scanMailbox,
} from './mailboxes.ts';
import { parseCopy, parseExpunge, parseStore } from './messages.ts';
import { tagOf } from './read-command.ts';
import { Scanner, SyntaxFault } from './scanner.ts';
import { parseSearch } from './search.ts';
import { parseAuthenticate, parseEnable, parseId, parseLogin } from './session.ts';

export type Parsed =
  | { readonly tag: string; readonly command: Command }
  /** `tag` is '*' where the client gave none that can be repeated. */
  | { readonly tag: string; readonly fault: string };

/** ABNF: command = tag SP (command-any / command-auth / command-nonauth / command-select). */
export function parseCommand(text: string, literal: MessageLiteral | undefined): Parsed {
  const tag = tagOf(text);
  if (tag === '*') return { tag, fault: 'Command without a tag' };
  const scanner = new Scanner(text);
  scanner.at = tag.length;
  try {
    scanner.space();
    const command = parseNamed(scanner, scanner.word('a command'), literal);
    scanner.end();
    return { tag, command };
  } catch (error) {
    if (error instanceof SyntaxFault) return { tag, fault: capitalized(error.message) };
    throw error;
  }
}

function parseNamed(scanner: Scanner, name: string, literal: MessageLiteral | undefined): Command {
  switch (name) {
    case 'CAPABILITY':
    case 'NOOP':
    case 'LOGOUT':
    case 'STARTTLS':
    case 'NAMESPACE':
    case 'IDLE':
    case 'CHECK':
    case 'CLOSE':
    case 'UNSELECT':
      return { name };
    case 'ID':
      return parseId(scanner);
    case 'AUTHENTICATE':
      return parseAuthenticate(scanner);
    case 'LOGIN':
      return parseLogin(scanner);
    case 'ENABLE':
      return parseEnable(scanner);
    default:
      return parseMailboxCommand(scanner, name, literal) ?? parseMessageCommand(scanner, name, false);
  }
}

function parseMailboxCommand(
  scanner: Scanner,
  name: string,
  literal: MessageLiteral | undefined,
): Command | undefined {
  switch (name) {
    case 'SELECT':
    case 'EXAMINE':
      return parseSelect(scanner, name);
    case 'CREATE':
      return parseCreate(scanner);
    case 'DELETE':
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
    case 'GETQUOTAROOT':
      return { name, mailbox: scanMailbox(scanner) };
    case 'RENAME':
      return parseRename(scanner);
    case 'LIST':
      return parseList(scanner);
    case 'LSUB':
      return parseLsub(scanner);
    case 'STATUS':
      return parseStatus(scanner);
    case 'APPEND':
      return parseAppend(scanner, literal);
    case 'GETQUOTA':
      scanner.space();
      return { name, root: scanner.astring('a quota root') };
    default:
      return undefined;
  }
}

function parseMessageCommand(scanner: Scanner, name: string, byUid: boolean): Command {
  switch (name) {
    case 'EXPUNGE':
      return parseExpunge(scanner, byUid);
    case 'SEARCH':
      return parseSearch(scanner, byUid);
    case 'FETCH':
      return parseFetch(scanner, byUid);
    case 'STORE':
      return parseStore(scanner, byUid);
    case 'COPY':
    case 'MOVE':
      return parseCopy(scanner, name, byUid);
    case 'UID':
      if (byUid) break;
      scanner.space();
      return parseMessageCommand(scanner, scanner.word('a command'), true);
  }
  throw new SyntaxFault('unknown command');
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
