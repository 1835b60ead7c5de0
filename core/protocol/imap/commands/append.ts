/** APPEND (RFC 3501 6.3.11) with APPENDUID (RFC 4315 3): what must be refused is refused before the message is read. */
import { decideAppend } from '../../../mail/account/decide-append.ts';
import { type MailboxState, mailboxNamed } from '../../../mail/account/state.ts';
import type { Account } from '../../../service/account/contract.ts';
import type { AppendCommand } from '../command.ts';
import type { AuthenticatedContext } from '../context.ts';
import type { Handler } from '../handler.ts';
import { bad, no, ok, type Status } from '../response/status.ts';
import { canonicalName } from './names.ts';
import { refused } from './refused.ts';

export const append: Handler<'APPEND'> = {
  state: 'authenticated',
  async run(context, command) {
    const { account, message, deps } = context;
    // An objection must be true of the newest state; without one the commit finds out whether it is.
    if (objectionTo(context, command)) await context.look();
    const objection = objectionTo(context, command);
    const mailbox = target(context, command);
    if (objection || !mailbox || !message) return objection ?? bad('A literal is missing');
    const staged = await account.stage(message.octets(), command.internalDateMs ?? deps.clock.now());
    if (!(await message.end())) return bad('Unexpected text after the literal');
    const facts = [{ ...staged, flags: command.flags }];
    const committed = await account.commit((state) =>
      decideAppend(state, mailbox.mailbox, facts, account.quotaBytes, deps.clock.now()),
    );
    if (committed.kind === 'refused') return refused(committed.refusal);
    const appended = committed.kind === 'done' ? committed.effect.appended : undefined;
    return ok('Appended', appended && `APPENDUID ${appended.uidValidity} ${appended.uids[0]}`);
  },
};

function target({ account }: AuthenticatedContext, { mailbox }: AppendCommand): MailboxState | undefined {
  return mailboxNamed(account.state, canonicalName(mailbox));
}

/** Why the literal is not even asked for. */
function objectionTo(context: AuthenticatedContext, command: AppendCommand): Status | undefined {
  const { account, settings } = context;
  const { octets } = command.literal;
  if (!target(context, command)) return no('TRYCREATE', 'There is no such mailbox');
  if (octets === 0) return no('CANNOT', 'An empty message cannot be kept');
  if (octets > settings.maxAppendOctets) return no('TOOBIG', `More than ${settings.maxAppendOctets} octets`);
  return isOverQuota(account, octets) ? no('OVERQUOTA', 'The account would be over its quota') : undefined;
}

function isOverQuota({ quotaBytes, state }: Account, octets: number): boolean {
  return quotaBytes > 0 && state.totals.bytes + octets > quotaBytes;
}
