/**
 * Takes the octets of one message: small ones into memory, to travel inside the event; large ones,
 * and all of them when memory is short, straight on to their S3 key.
 */
import type { BodyStore } from '../../mail/ports/body-store.ts';
import { type IngestEvent, inlineLimitBytes } from '../receive/event.ts';
import type { MemoryBudget } from './memory-budget.ts';

export interface TakenBody {
  readonly body: IngestEvent['body'];
  /** Gives the memory back; once the event has been answered. */
  release(): void;
}

/** Reads `octets` to its end. What it throws comes out here, and nothing is kept then. */
export async function takeBody(
  octets: AsyncIterable<Buffer>,
  key: string,
  bodies: BodyStore,
  budget: MemoryBudget,
): Promise<TakenBody> {
  const chunks: Buffer[] = [];
  let held = 0;
  const release = () => budget.giveBack(held);
  const source = octets[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await source.next();
      if (next.done) break;
      if (held + next.value.length > inlineLimitBytes || !budget.take(next.value.length)) {
        const sizeBytes = await bodies.putStream(key, replay(chunks, next.value, source));
        release();
        return { body: { kind: 'stored', key, sizeBytes }, release: () => {} };
      }
      held += next.value.length;
      chunks.push(next.value);
    }
    return { body: { kind: 'inline', octets: Buffer.concat(chunks).toString('base64') }, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** What was read already, then the rest as it comes. */
async function* replay(
  chunks: Buffer[],
  last: Buffer,
  source: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  yield* chunks.splice(0);
  yield last;
  for (;;) {
    const next = await source.next();
    if (next.done) return;
    yield next.value;
  }
}
