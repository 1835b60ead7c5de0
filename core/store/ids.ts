/** The real Ids: UUIDv7 (RFC 9562 5.7) of the clock's time, and random names. */
import { randomBytes, randomFillSync, randomInt } from 'node:crypto';
import { readMessageId } from '../mail/account/message-id.ts';
import type { EntryId, MailboxId } from '../mail/ids.ts';
import type { Clock, Ids } from '../mail/ports/clock.ts';

const maxRandom = 2 ** 48 - 1;

export function systemIds(clock: Pick<Clock, 'now'>): Ids {
  return {
    messageId: () => uuidV7(clock.now()),
    entryId: () => pooled16().toString('base64url') as EntryId,
    mailboxId: () => `m${randomBytes(12).toString('base64url')}` as MailboxId,
    random: () => randomInt(maxRandom) / maxRandom,
  };
}

const pool = Buffer.alloc(4096);
let used = pool.length;

/** 16 random octets, each given out once: asking the system for many at a time costs a tenth. */
function pooled16(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
}

/** 48 bits of time, then random, with version 7 and variant 10. */
function uuidV7(nowMs: number) {
  const octets = pooled16();
  octets.writeUIntBE(Math.floor(nowMs), 0, 6);
  octets[6] = 0x70 | ((octets[6] ?? 0) & 0x0f);
  octets[8] = 0x80 | ((octets[8] ?? 0) & 0x3f);
  return readMessageId(octets, 0);
}
