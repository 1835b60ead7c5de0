/**
 * The octets of a stored message as clients see it: prefix, then the object without its cuts.
 * Bounded memory; a body that is shorter than it should be is an error, never a short message.
 */
import type { BodyRef } from '../../mail/message-record.ts';
import type { BodyStore } from '../../mail/ports/body-store.ts';

/** The whole message in chunks. Throws what the store throws, or an Error when octets are missing. */
export async function* bodyOctets(
  body: BodyRef,
  bodies: BodyStore,
): AsyncGenerator<Uint8Array, void, undefined> {
  const prefix = Buffer.from(body.prefix ?? '', 'latin1');
  let left = body.sizeBytes - prefix.length;
  if (prefix.length > 0) yield prefix;
  let from = 0;
  for (const [start, end] of [...(body.cuts ?? []), [Infinity, Infinity] as const]) {
    const until = Math.min(start, from + left);
    for await (const chunk of until > from ? bodies.stream(body.key, from, until) : []) {
      left -= chunk.length;
      yield chunk;
    }
    from = end;
  }
  if (left !== 0) throw new Error(`the body ${body.key} is ${left} octets short`);
}

/** The first `limit` octets, gathered. */
export async function firstOctets(body: BodyRef, bodies: BodyStore, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let have = 0;
  const wanted = body.sizeBytes <= limit ? body : { ...body, sizeBytes: limit };
  for await (const chunk of bodyOctets(wanted, bodies)) {
    chunks.push(chunk);
    have += chunk.length;
    if (have >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}
