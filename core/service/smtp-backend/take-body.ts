/**
 * Takes the octets of one message: small ones into memory, to travel inside the event; large ones,
 * and all of them when memory is short, straight on to their S3 key.
 */
import { GatheredOctets } from '../../mail/gathered-octets.ts';
import type { BodyStore } from '../../mail/ports/body-store.ts';
import { type IngestEvent, inlineLimitBytes } from '../receive/event.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { Witness } from './witness.ts';

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
  const gathered = new GatheredOctets();
  let held = 0; // is given back after the octets have left `gathered`
  const release = () => budget.giveBack(held);
  const source = octets[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await source.next();
      if (next.done) break;
      if (held + next.value.length > inlineLimitBytes || !budget.take(next.value.length)) {
        const taken = await sendBody(replay(gathered, next.value, source), key, bodies, budget);
        release();
        return taken;
      }
      held += next.value.length;
      gathered.add(next.value);
    }
    return { body: { kind: 'inline', octets: gathered.takeBase64() }, release };
  } catch (error) {
    release();
    throw error;
  }
}

async function sendBody(
  octets: AsyncIterable<Buffer>,
  key: string,
  bodies: BodyStore,
  budget: MemoryBudget,
): Promise<TakenBody> {
  const witness = new Witness(budget);
  const release = () => witness.release();
  try {
    const sizeBytes = await bodies.putStream(key, witness.watch(octets));
    const seen = witness.seen();
    return { body: { kind: 'stored', key, sizeBytes, ...(seen && { seen }) }, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** What was read already, then the rest as it comes. */
async function* replay(
  gathered: GatheredOctets,
  last: Buffer,
  source: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  yield* gathered.drain();
  yield last;
  for (;;) {
    const next = await source.next();
    if (next.done) return;
    yield next.value;
  }
}
