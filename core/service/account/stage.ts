/**
 * Makes a message durable before the log names it: body to the bucket, indexed on the way with
 * bounded memory, and the record. A crash in between leaves an orphan, which is reaped.
 */
import { bodyKey } from '../../mail/body-key.ts';
import { GatheredOctets } from '../../mail/gathered-octets.ts';
import type { AccountId, AccountKey, MessageId } from '../../mail/ids.ts';
import { MessageIndexer } from '../../mail/message/index-message.ts';
import { encodeParts } from '../../mail/message/parts-codec.ts';
import type { RecordedIndex } from '../../mail/message/types.ts';
import type { BodyRef, MessageRecord } from '../../mail/message-record.ts';
import type { BodyStore } from '../../mail/ports/body-store.ts';
import type { AccountPorts } from './settings.ts';

/** Messages up to this are put at once, larger ones streamed. */
const putLimitBytes = 1_000_000;

/**
 * Stores the message; nothing is left but an unnamed body if the source throws. Chunks must not change after they are
 * given. The id is new, so nobody meets a record whose body is not there yet: both may be on their way at once.
 */
export async function stage(
  ports: Pick<AccountPorts, 'bodies' | 'messages' | 'ids'>,
  account: AccountKey,
  octets: AsyncIterable<Uint8Array>,
  internalDateMs: number,
): Promise<MessageRecord> {
  const messageId = ports.ids.messageId();
  const key = bodyKey(account.tenant, messageId);
  const indexer = new MessageIndexer();
  const writing = await store(ports.bodies, key, indexed(octets, indexer));
  const index = indexer.end();
  const body = { key, sizeBytes: index.sizeBytes };
  const record = messageRecord(index, { messageId, body, internalDateMs, holders: [account.account] });
  await Promise.all([writing.done, ports.messages.put(account, record)]);
  return record;
}

/** A record of an indexed message; the date is cut to whole seconds. */
export function messageRecord(
  index: RecordedIndex,
  {
    messageId,
    body,
    internalDateMs,
    holders,
  }: {
    readonly messageId: MessageId;
    readonly body: BodyRef;
    readonly internalDateMs: number;
    readonly holders: readonly AccountId[];
  },
): MessageRecord {
  const { envelope, bodyStructure, preview } = index;
  const seconds = Math.max(0, Math.floor(internalDateMs / 1000));
  const parts = encodeParts(index.parts);
  return {
    messageId,
    body,
    internalDateMs: 1000 * seconds,
    envelope,
    bodyStructure,
    parts,
    preview,
    holders,
  };
}

async function* indexed(
  octets: AsyncIterable<Uint8Array>,
  indexer: MessageIndexer,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of octets) {
    indexer.write(chunk);
    yield chunk;
  }
}

/** Resolves when all octets have been seen; `done` when they are durable. */
async function store(
  bodies: BodyStore,
  key: string,
  octets: AsyncGenerator<Uint8Array>,
): Promise<{ readonly done: Promise<unknown> }> {
  const head = new GatheredOctets();
  for (;;) {
    const { done, value } = await octets.next();
    if (done === true) return { done: bodies.put(key, head.take()) };
    head.add(value);
    if (head.length > putLimitBytes) break;
  }
  await bodies.putStream(key, joined(head.drain(), octets));
  return { done: Promise.resolve() };
}

async function* joined(
  head: Iterable<Uint8Array>,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* head;
  yield* rest;
}
