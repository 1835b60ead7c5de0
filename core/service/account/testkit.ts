/** For tests of what works on accounts: records of made-up messages. Not used by the servers. */

import { timeOfMessageId } from '../../mail/account/message-id.ts';
import { messageId } from '../../mail/account/testkit.ts';
import { bodyKey } from '../../mail/body-key.ts';
import type { AccountKey, MessageId } from '../../mail/ids.ts';
import { indexMessage } from '../../mail/message/index-message.ts';
import type { MessageRecord } from '../../mail/message-record.ts';
import { messageRecord } from './stage.ts';

export const sampleMessage = Buffer.from('From: a@example.org\r\nSubject: Hello\r\n\r\nHow are you?\r\n');

/** A record of `sampleMessage`, as ingest would write it. */
export function sampleRecord(id: MessageId | number, ...holders: readonly AccountKey[]): MessageRecord {
  const name = typeof id === 'number' ? messageId(id) : id;
  const tenant = holders[0]?.tenant;
  if (tenant === undefined) throw new Error('a record has holders');
  return messageRecord(indexMessage(sampleMessage), {
    messageId: name,
    body: { key: bodyKey(tenant, name), sizeBytes: sampleMessage.length },
    internalDateMs: timeOfMessageId(name),
    holders: holders.map(({ account }) => account),
  });
}

export async function* chunksOf(octets: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}
