/**
 * Makes one tenant's copy durable before any log entry names it: the body object and a record
 * per account, written side by side. Written so that it may run twice, and even at the same
 * time, for one messageId: nothing that stands is replaced.
 */

import type { TenantId } from '../../mail/ids.ts';
import { indexMessage, MessageIndexer } from '../../mail/message/index-message.ts';
import { encodeParts } from '../../mail/message/parts-codec.ts';
import type { MessageIndex } from '../../mail/message/types.ts';
import type { BodyRef, MessageRecord } from '../../mail/message-record.ts';
import type { ReceiveDependencies } from './dependencies.ts';
import { type IngestEvent, inlineLimitBytes } from './event.ts';
import { accountsOf, type TenantPlan } from './plan.ts';
import type { MessageSource } from './source.ts';

type Cuts = readonly (readonly [number, number])[];
type Stores = Pick<ReceiveDependencies, 'bodies' | 'messages'>;

/** The message as it will be read: our fields, then what was received without the cuts. */
export interface FinishedMessage {
  /** Chars are octets. Begins with Return-Path. */
  readonly prefix: string;
  readonly cuts: Cuts;
  readonly source: MessageSource;
  readonly index: MessageIndex;
  /** In memory, when the source is. */
  readonly octets: Buffer | undefined;
}

/** Puts the message together and indexes it. Large ones are read through once. */
export async function finish(source: MessageSource, prefix: string, cuts: Cuts): Promise<FinishedMessage> {
  const pieces: Buffer[] = [Buffer.from(prefix, 'latin1')];
  if (source.octets) {
    for (const [start, end] of kept(source.sizeBytes, cuts)) pieces.push(source.octets.subarray(start, end));
    const octets = Buffer.concat(pieces);
    return { prefix, cuts, source, index: indexMessage(octets), octets };
  }
  const indexer = new MessageIndexer();
  for (const piece of pieces) indexer.write(piece);
  for (const [start, end] of kept(source.sizeBytes, cuts)) {
    for await (const chunk of source.stream(start, end)) indexer.write(chunk);
  }
  return { prefix, cuts, source, index: indexer.end(), octets: undefined };
}

/** `<tenant>/bodies/<yyyy-mm-dd>/<messageId>`, by the day the message came. */
export function bodyKey(
  tenant: TenantId,
  { messageId, receivedAtMs }: Pick<IngestEvent, 'messageId' | 'receivedAtMs'>,
): string {
  return `${tenant}/bodies/${new Date(receivedAtMs).toISOString().slice(0, 10)}/${messageId}`;
}

/**
 * Durable when it resolves, with the place of the body. An earlier run's copy is taken over,
 * also when its trace fields differ; throws when that run left only half of it.
 */
export async function stage(
  event: IngestEvent,
  plan: TenantPlan,
  message: FinishedMessage,
  stores: Stores,
): Promise<BodyRef> {
  const body = bodyRef(bodyKey(plan.tenant, event), message);
  const record = recordOf(event, plan, message.index, body);
  const [earlier, ...standing] = await Promise.all([
    putBody(body.key, message, stores),
    ...accountsOf(plan).map((account) => stores.messages.put(account, record)),
  ]);
  const truth = earlier
    ? recordOf(event, plan, indexMessage(earlier), { ...body, sizeBytes: earlier.length })
    : record;
  // What stands in Messages must describe what stands in S3, or offsets would lie
  const stands = standing.map((other) => other ?? record);
  if (!stands.every((other) => describesSame(other, truth))) {
    throw new Error(`message ${event.messageId} was half staged before, with other trace fields`);
  }
  return truth.body;
}

function describesSame(one: MessageRecord, other: MessageRecord): boolean {
  return (
    one.parts === other.parts &&
    one.body.sizeBytes === other.body.sizeBytes &&
    one.body.key === other.body.key
  );
}

function bodyRef(key: string, { prefix, cuts, index, octets }: FinishedMessage): BodyRef {
  if (octets) return { key, sizeBytes: octets.length };
  return { key, prefix, ...(cuts.length > 0 ? { cuts } : {}), sizeBytes: index.sizeBytes };
}

function recordOf(event: IngestEvent, plan: TenantPlan, index: MessageIndex, body: BodyRef): MessageRecord {
  return {
    messageId: event.messageId,
    body,
    internalDateMs: internalDateMs(event),
    envelope: index.envelope,
    bodyStructure: index.bodyStructure,
    parts: encodeParts(index.parts),
    preview: index.preview,
    holders: accountsOf(plan).map(({ account }) => account),
  };
}

/** Whole seconds: INTERNALDATE has no finer ones (RFC 9051 2.3.3). */
export function internalDateMs({ receivedAtMs }: IngestEvent): number {
  return Math.floor(receivedAtMs / 1000) * 1000;
}

/** What stands under the key already, if it is something else. */
async function putBody(
  key: string,
  { octets, source }: FinishedMessage,
  { bodies }: Stores,
): Promise<Buffer | undefined> {
  if (!octets) {
    if (source.key !== key) await bodies.putStream(key, source.stream(0, source.sizeBytes)); // another tenant's copy
    return undefined;
  }
  if (await bodies.create(key, octets)) return undefined;
  const standing = await bodies.read(key, 0, inlineLimitBytes * 2);
  return octets.equals(standing) ? undefined : Buffer.from(standing);
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
