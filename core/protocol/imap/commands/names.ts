/** Mailbox names of commands in the domain's form. */
import { type ParsedName, parseMailboxName } from '../../../mail/mailbox-name.ts';

/** The canonical form for a lookup; a name that cannot be one names nothing. */
export function canonicalName(text: string): string {
  const parsed: ParsedName = parseMailboxName(text);
  return 'name' in parsed ? parsed.name : '';
}
