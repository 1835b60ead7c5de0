/** Arguments of LOGIN, AUTHENTICATE, ENABLE and ID (RFC 3501 6.2, RFC 4959, RFC 5161, RFC 2971). */
import type { Command } from '../command.ts';
import { MAX_ID_FIELDS } from '../limits.ts';
import { type Scanner, SyntaxFault } from './scanner.ts';

export function parseLogin(scanner: Scanner): Command {
  scanner.space();
  const user = utf8(scanner.astring('a user name'));
  scanner.space();
  return { name: 'LOGIN', user, password: utf8(scanner.astring('a password')) };
}

const initialPattern = /[A-Za-z0-9+/=]+/y;

/** ABNF: SP auth-type [SP (base64 / "=")]. */
export function parseAuthenticate(scanner: Scanner): Command {
  scanner.space();
  const mechanism = scanner.word('a mechanism');
  if (!scanner.skip(' ')) return { name: 'AUTHENTICATE', mechanism, initial: undefined };
  const initial = scanner.match(initialPattern)?.[0];
  if (initial === undefined) throw new SyntaxFault('an initial response in base64 expected');
  return { name: 'AUTHENTICATE', mechanism, initial };
}

export function parseEnable(scanner: Scanner): Command {
  const capabilities: string[] = [];
  do {
    scanner.space();
    capabilities.push(scanner.word('a capability'));
  } while (!scanner.atEnd && capabilities.length < 100);
  return { name: 'ENABLE', capabilities };
}

/** ABNF: SP ("(" [string SP nstring *(SP string SP nstring)] ")" / "NIL"). What clients say of themselves is not kept. */
export function parseId(scanner: Scanner): Command {
  scanner.space();
  if (!scanner.skip('(')) {
    if (scanner.word('ID fields') !== 'NIL') throw new SyntaxFault('ID fields or NIL expected');
    return { name: 'ID' };
  }
  for (let fields = 0; !scanner.skip(')'); fields++) {
    if (fields >= MAX_ID_FIELDS) throw new SyntaxFault(`more than ${MAX_ID_FIELDS} ID fields`);
    if (fields > 0) scanner.space();
    scanner.string('an ID field');
    scanner.space();
    scanner.nstring('an ID value');
  }
  return { name: 'ID' };
}

function utf8(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('utf8');
}
