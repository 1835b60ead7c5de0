/** Mailbox names between the wire (modified UTF-7, RFC 3501 5.1.3) and the domain (UTF-8). */
import { decodeModifiedUtf7, encodeModifiedUtf7 } from '../../../mail/modified-utf7.ts';
import { astring } from '../response/text.ts';
import { SyntaxFault } from './scanner.ts';

/** The name or pattern behind the octets, not yet judged as a name. */
export function decodeMailbox(octets: string): string {
  const text = decodeModifiedUtf7(octets);
  if (text === undefined) throw new SyntaxFault('mailbox name is not modified UTF-7');
  return text;
}

/** The name as a response carries it. */
export function encodeMailbox(name: string): string {
  return astring(encodeModifiedUtf7(name));
}
