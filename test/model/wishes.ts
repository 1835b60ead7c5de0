/** What sessions of the model want, drawn by chance from what they see. */
import { decideAppend } from '../../core/mail/account/decide-append.ts';
import { decideCopy, decideMove } from '../../core/mail/account/decide-copy.ts';
import { decideCreate } from '../../core/mail/account/decide-create.ts';
import { decideDelete } from '../../core/mail/account/decide-delete.ts';
import { decideExpunge } from '../../core/mail/account/decide-expunge.ts';
import { decideRename } from '../../core/mail/account/decide-rename.ts';
import { decideStore } from '../../core/mail/account/decide-store.ts';
import { decideSubscribe } from '../../core/mail/account/decide-subscribe.ts';
import type { Decision } from '../../core/mail/account/decision.ts';
import type { AccountState } from '../../core/mail/account/state.ts';
import type { MailboxId } from '../../core/mail/ids.ts';
import type { Clock, Ids } from '../../core/mail/ports/clock.ts';
import type { UidSet } from '../../core/mail/uid-set.ts';
import type { Random } from './hostile.ts';

const names = ['INBOX', 'Work', 'Work/2026', 'Work/2026/May', 'Private', 'Private/x', 'Sent', 'Junk'];
const flags = ['\\Seen', '\\Deleted', '\\Flagged', 'todo', 'Todo', '$Forwarded'];

export type Wish = (state: AccountState) => Decision;

/** A wish that can be decided again and again. */
export function drawWish(random: Random, state: AccountState, ids: Ids, clock: Clock): Wish {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const ofMailbox = () => pick([...state.mailboxes.keys()]);
  const uids = drawUids(random, state);
  const [name, other, from, to] = [pick(names), pick(names), ofMailbox(), ofMailbox()];
  const quotaBytes = random() < 0.1 ? 5_000 : 0;
  const { mailboxId: mint } = ids;
  const nowMs = clock.now();
  const kind = random();
  if (kind < 0.3) return drawAppend(random, from, ids, clock);
  if (kind < 0.5) {
    const wish = {
      mailbox: from,
      uids,
      mode: pick(['set', 'add', 'remove'] as const),
      flags: [pick(flags), pick(flags)],
    };
    return (now) => decideStore(now, wish).decision;
  }
  if (kind < 0.6) return (now) => decideExpunge(now, from, uids, { anyFlags: quotaBytes > 0, max: 5 });
  if (kind < 0.7) return (now) => decideCopy(now, from, uids, to, quotaBytes);
  if (kind < 0.8) return (now) => decideMove(now, from, uids, to);
  if (kind < 0.86) return (now) => decideCreate(now, { name, mint, nowMs });
  if (kind < 0.9) return (now) => decideDelete(now, name, 4);
  const target = mint();
  if (kind < 0.96) return (now) => decideRename(now, { from: name, to: other, target, mint, nowMs });
  return (now) => decideSubscribe(now, name, quotaBytes === 0);
}

function drawAppend(random: Random, mailbox: MailboxId, ids: Ids, clock: Clock): Wish {
  const messages = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
    messageId: ids.messageId(),
    sizeBytes: Math.floor(random() * 1_000),
    internalDateMs: clock.now(),
    flags: random() < 0.3 ? ['\\Seen'] : [],
  }));
  return (now) => decideAppend(now, mailbox, messages, 0, clock.now());
}

function drawUids(random: Random, state: AccountState): UidSet {
  const start = 1 + Math.floor(random() * Math.max(1, state.totals.messages));
  const end = random() < 0.2 ? 4_294_967_295 : start + Math.floor(random() * 6);
  return [[start, end]];
}
