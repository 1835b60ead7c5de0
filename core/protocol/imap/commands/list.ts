/** LIST (RFC 3501 6.3.8) with CHILDREN (RFC 3348) and SPECIAL-USE attributes (RFC 6154 2). */
import { ancestorsOf, delimiter, matcher } from '../../../mail/mailbox-name.ts';
import type { Handler } from '../handler.ts';
import { encodeMailbox } from '../parse/mailbox.ts';
import { no, ok } from '../response/status.ts';
import type { ResponseWriter } from '../response/writer.ts';

export const list: Handler<'LIST'> = {
  state: 'authenticated',
  async run(context, { reference, pattern }) {
    // RFC 3501 6.3.8: an empty pattern asks for the delimiter and the root.
    if (pattern === '') {
      context.out.line(`* LIST (\\Noselect) "${delimiter}" ""`);
      return ok('That is the root');
    }
    const matches = matcher(reference + pattern);
    if (!matches) return no('LIMIT', 'Too many wildcards');
    await context.account.refresh();
    writeAll(context.out, [...context.account.state.mailboxes.values()], matches);
    return ok('Those are the mailboxes');
  },
};

interface Listed {
  readonly name: string;
  readonly specialUse: string | undefined;
}

function writeAll(
  out: ResponseWriter,
  mailboxes: readonly Listed[],
  matches: (name: string) => boolean,
): void {
  const parents = new Set(mailboxes.flatMap(({ name }) => ancestorsOf(name)));
  const existing = new Set(mailboxes.map(({ name }) => name));
  const missing = [...parents]
    .filter((name) => !existing.has(name))
    .map((name) => ({ name, specialUse: undefined }));
  for (const { name, specialUse } of [...mailboxes, ...missing].sort(inboxFirst)) {
    if (!matches(name)) continue;
    const attributes = [parents.has(name) ? '\\HasChildren' : '\\HasNoChildren'];
    if (!existing.has(name)) attributes.unshift('\\Noselect');
    if (specialUse !== undefined) attributes.push(specialUse);
    out.line(`* LIST (${attributes.join(' ')}) "${delimiter}" ${encodeMailbox(name)}`);
  }
}

/** INBOX first, then by name. */
export function inboxFirst(a: { readonly name: string }, b: { readonly name: string }): number {
  if (a.name === b.name) return 0;
  if (a.name === 'INBOX') return -1;
  if (b.name === 'INBOX') return 1;
  return a.name < b.name ? -1 : 1;
}
