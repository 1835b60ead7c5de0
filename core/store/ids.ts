/** The real Ids: UUIDv7 (RFC 9562 5.7) of the clock's time, and random names. */
import { randomBytes, randomInt } from 'node:crypto';
import { readMessageId } from '../mail/account/message-id.ts';
import type { EntryId, MailboxId } from '../mail/ids.ts';
import type { Clock, Ids } from '../mail/ports/clock.ts';

const maxRandom = 2 ** 48 - 1;

export function systemIds(clock: Pick<Clock, 'now'>): Ids {
  return {
    messageId: () => uuidV7(clock.now()),
    entryId: () => randomBytes(16).toString('base64url') as EntryId,
    mailboxId: () => `m${randomBytes(12).toString('base64url')}` as MailboxId,
    random: () => randomInt(maxRandom) / maxRandom,
  };
}

/** 48 bits of time, then random, with version 7 and variant 10. */
function uuidV7(nowMs: number) {
  const octets = randomBytes(16);
  octets.writeUIntBE(Math.floor(nowMs), 0, 6);
  octets[6] = 0x70 | ((octets[6] ?? 0) & 0x0f);
  octets[8] = 0x80 | ((octets[8] ?? 0) & 0x3f);
  return readMessageId(octets, 0);
}
