/**
 * Puts a message together and makes its body durable, one object per tenant. May run twice, and
 * even at the same time, for one message id: the octets that stand first are the message.
 */

import { bodyKey } from '../../mail/body-key.ts';
import type { AccountId, MessageId } from '../../mail/ids.ts';
import { indexMessage, MessageIndexer } from '../../mail/message/index-message.ts';
import { withNewHeader } from '../../mail/message/new-header.ts';
import type { RecordedIndex } from '../../mail/message/types.ts';
import type { MessageRecord } from '../../mail/message-record.ts';
import { messageRecord } from '../account/stage.ts';
import type { ReceiveDependencies } from './dependencies.ts';
import { type IngestEvent, inlineLimitBytes } from './event.ts';
import type { TenantPlan } from './plan.ts';
import type { MessageSource } from './source.ts';

type Cuts = readonly (readonly [number, number])[];
type Stores = Pick<ReceiveDependencies, 'bodies' | 'messages'>;

/** The message as it will be read: our fields, then what was received without the cuts. */
export interface FinishedMessage {
  /** Chars are octets. Begins with Return-Path. */
  readonly prefix: string;
  readonly cuts: Cuts;
  readonly source: MessageSource;
  readonly index: RecordedIndex;
  readonly sizeBytes: number;
  /** In memory, when the source is. */
  readonly octets: Buffer | undefined;
}

/** Our fields in front, cuts taken out, all indexed. A large message is read through once, unless it was seen on its way. */
export async function finish(source: MessageSource, prefix: string, cuts: Cuts): Promise<FinishedMessage> {
  const front = Buffer.from(prefix, 'latin1');
  if (source.octets) {
    const pieces: Buffer[] = [front];
    for (const [start, end] of kept(source.sizeBytes, cuts)) pieces.push(source.octets.subarray(start, end));
    const octets = Buffer.concat(pieces);
    return { prefix, cuts, source, index: indexMessage(octets), sizeBytes: octets.length, octets };
  }
  const index = seenIndex(source, front, cuts) ?? (await readIndex(source, front, cuts));
  let sizeBytes = front.length;
  for (const [start, end] of kept(source.sizeBytes, cuts)) sizeBytes += end - start;
  return { prefix, cuts, source, index, sizeBytes, octets: undefined };
}

/** What was seen of the message, and the header that it gets: all cuts are in the header. */
function seenIndex({ header, index }: MessageSource, front: Buffer, cuts: Cuts): RecordedIndex | undefined {
  if (!header || !index) return undefined;
  const pieces: Buffer[] = [front];
  for (const [start, end] of kept(header.length, cuts)) pieces.push(header.subarray(start, end));
  return withNewHeader(index, header, Buffer.concat(pieces));
}

async function readIndex(source: MessageSource, front: Buffer, cuts: Cuts): Promise<RecordedIndex> {
  const indexer = new MessageIndexer();
  indexer.write(front);
  for (const [start, end] of kept(source.sizeBytes, cuts)) {
    for await (const chunk of source.stream(start, end)) indexer.write(chunk);
  }
  return indexer.end();
}

/** The body is durable when it resolves; the record is what each account of the tenant gets. */
export function stage(
  event: IngestEvent,
  plan: TenantPlan,
  message: FinishedMessage,
  stores: Stores,
): Promise<MessageRecord> {
  const { messageId, receivedAtMs } = event;
  const place: Place = {
    messageId,
    internalDateMs: receivedAtMs,
    key: bodyKey(plan.tenant, messageId),
    holders: plan.local.map(({ account }) => account.account),
  };
  return message.octets
    ? stageInline(place, message.octets, message.index, stores)
    : stageStored(place, plan, message, stores);
}

interface Place {
  readonly messageId: MessageId;
  readonly internalDateMs: number;
  readonly key: string;
  readonly holders: readonly AccountId[];
}

/**
 * An earlier run may have written other trace fields (the DNS has changed its mind), and records
 * with offsets into them: then its octets are the message, and ours are forgotten.
 */
async function stageInline(
  place: Place,
  octets: Buffer,
  index: RecordedIndex,
  { bodies }: Stores,
): Promise<MessageRecord> {
  if (await bodies.create(place.key, octets)) {
    return messageRecord(index, { ...place, body: { key: place.key, sizeBytes: octets.length } });
  }
  const standing = await bodies.read(place.key, 0, inlineLimitBytes * 2);
  return messageRecord(indexMessage(standing), {
    ...place,
    body: { key: place.key, sizeBytes: standing.length },
  });
}

/** The object stays as it was received; our fields lie in the record, and the first record counts. */
async function stageStored(
  place: Place,
  { local }: TenantPlan,
  { prefix, cuts, source, index, sizeBytes }: FinishedMessage,
  { bodies, messages }: Stores,
): Promise<MessageRecord> {
  const [first] = local;
  const standing = first && (await messages.get(first.account, [place.messageId])).get(place.messageId);
  if (standing) return standing;
  if (source.key !== place.key) await bodies.putStream(place.key, source.stream(0, source.sizeBytes)); // another tenant's copy
  const body = { key: place.key, prefix, ...(cuts.length > 0 ? { cuts } : {}), sizeBytes };
  return messageRecord(index, { ...place, body });
}

/** What is left between the cuts. */
function* kept(sizeBytes: number, cuts: Cuts): Generator<readonly [number, number]> {
  let start = 0;
  for (const [from, to] of cuts) {
    if (from > start) yield [start, from];
    start = to;
  }
  if (sizeBytes > start) yield [start, sizeBytes];
}
