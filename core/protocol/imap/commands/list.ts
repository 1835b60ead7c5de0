/**
 * LIST (RFC 3501 6.3.8) with CHILDREN (RFC 3348), SPECIAL-USE (RFC 6154 2), LIST-EXTENDED
 * (RFC 5258) and LIST-STATUS (RFC 5819).
 */
import type { MailboxState } from '../../../mail/account/state.ts';
import { ancestorsOf, delimiter, matcher } from '../../../mail/mailbox-name.ts';
import type { ListCommand } from '../command.ts';
import type { AuthenticatedContext } from '../context.ts';
import type { Handler } from '../handler.ts';
import { MAX_TURN_MS } from '../limits.ts';
import { encodeMailbox } from '../parse/mailbox.ts';
import { no, ok } from '../response/status.ts';
import { statusLine } from './status.ts';

export const list: Handler<'LIST'> = {
  state: 'authenticated',
  capabilities: ['LIST-EXTENDED', 'LIST-STATUS'],
  async run(context, command) {
    const { account, out, deps } = context;
    const extended = isExtended(command);
    // RFC 3501 6.3.8: an empty pattern asks for the delimiter and the root.
    if (!extended && command.patterns[0] === '') {
      out.line(`* LIST (\\Noselect) "${delimiter}" ""`);
      return ok('That is the root');
    }
    const matchers = command.patterns.map((pattern) => matcher(command.reference + pattern));
    if (matchers.includes(undefined)) return no('LIMIT', 'Too many wildcards');
    if (command.status.includes('HIGHESTMODSEQ')) context.enabled.add('CONDSTORE');
    await context.look();
    const matches = (name: string) => matchers.some((one) => one?.(name));
    const tree = new NameTree(account.state.mailboxes.values(), account.state.subscriptions);
    const above = command.selection?.includes('RECURSIVEMATCH')
      ? tree.above(basesOf(command), matches)
      : none;
    let turnMs = deps.clock.now();
    for (const name of tree.names) {
      if (matches(name)) writeOne(context, command, tree, name, above.has(name));
      if (out.full) await out.flush();
      if (deps.clock.now() - turnMs < MAX_TURN_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turnMs = deps.clock.now();
    }
    return ok('Those are the mailboxes');
  },
};

function isExtended({ selection, returns, patterns }: ListCommand): boolean {
  return selection !== undefined || returns !== undefined || patterns.length > 1;
}

const none: ReadonlySet<string> = new Set();

type Base = 'SUBSCRIBED' | 'SPECIAL-USE';

/** The selection options that RECURSIVEMATCH can be about. */
function basesOf({ selection = [] }: ListCommand): readonly Base[] {
  return (['SUBSCRIBED', 'SPECIAL-USE'] as const).filter((option) => selection.includes(option));
}

/** All names there are to list: mailboxes, subscriptions, and the parents of both. */
class NameTree {
  readonly mailboxes: ReadonlyMap<string, MailboxState>;
  readonly subscriptions: ReadonlySet<string>;
  /** Parents of mailboxes. */
  readonly parents: ReadonlySet<string>;
  /** INBOX first, then by name. */
  readonly names: readonly string[];

  constructor(mailboxes: Iterable<MailboxState>, subscriptions: ReadonlySet<string>) {
    this.mailboxes = new Map([...mailboxes].map((mailbox) => [mailbox.name, mailbox]));
    this.subscriptions = subscriptions;
    const existing = [...this.mailboxes.keys()];
    this.parents = new Set(existing.flatMap(ancestorsOf));
    const subscribed = [...subscriptions].flatMap((name) => [name, ...ancestorsOf(name)]);
    this.names = [...new Set([...existing, ...this.parents, ...subscribed])].sort(inboxFirst);
  }

  /** Whether all of the options select the name (RFC 5258 3.1). */
  selects(bases: readonly Base[], name: string): boolean {
    return bases.every((option) =>
      option === 'SUBSCRIBED'
        ? this.subscriptions.has(name)
        : this.mailboxes.get(name)?.specialUse !== undefined,
    );
  }

  /** The names above those that are selected and not listed themselves (RFC 5258 3.5). */
  above(bases: readonly Base[], matches: (name: string) => boolean): ReadonlySet<string> {
    const below = this.names.filter((name) => this.selects(bases, name) && !matches(name));
    return new Set(below.flatMap(ancestorsOf));
  }
}

function writeOne(
  context: AuthenticatedContext,
  command: ListCommand,
  tree: NameTree,
  name: string,
  isAbove: boolean,
): void {
  const { selection = [], returns = [], status } = command;
  const mailbox = tree.mailboxes.get(name);
  const bases = basesOf(command);
  const isListed =
    bases.length === 0 ? mailbox !== undefined || tree.parents.has(name) : tree.selects(bases, name);
  if (!isListed && !isAbove) return;
  const attributes = [tree.parents.has(name) ? '\\HasChildren' : '\\HasNoChildren'];
  if (!mailbox) attributes.unshift(isExtended(command) ? '\\NonExistent' : '\\Noselect');
  const tellsSubscribed = selection.includes('SUBSCRIBED') || returns.includes('SUBSCRIBED');
  if (tellsSubscribed && tree.subscriptions.has(name)) attributes.push('\\Subscribed');
  if (mailbox?.specialUse !== undefined) attributes.push(mailbox.specialUse);
  const info = isAbove ? ` ("CHILDINFO" (${bases.map((option) => `"${option}"`).join(' ')}))` : '';
  context.out.line(`* LIST (${attributes.join(' ')}) "${delimiter}" ${encodeMailbox(name)}${info}`);
  if (!mailbox || status.length === 0) return;
  const recent = context.deps.recent.waiting(context.account.key, mailbox);
  context.out.line(statusLine(mailbox, recent, status));
}

/** INBOX first, then by name. */
export function inboxFirst(a: string, b: string): number {
  if (a === b) return 0;
  if (a === 'INBOX') return -1;
  if (b === 'INBOX') return 1;
  return a < b ? -1 : 1;
}
