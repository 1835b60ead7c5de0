import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../fake-clock.ts';
import { seededRandom } from '../faults.ts';
import { Storage } from '../storage.ts';
import { Queues } from './queues.ts';

const VISIBILITY_SECONDS = 30;
const STEPS = 400;

/** What a message may do at a moment: `visibleMs` is when it may be received again. */
interface Expected {
  visibleMs: number;
  receives: number;
  seq: number;
}

for (const seed of [1, 2, 3]) {
  test(`every message is delivered until it is deleted, and never while it is hidden (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const clock = new FakeClock();
    const storage = new Storage(':memory:');
    const queues = new Queues(storage, clock, () => false);
    await queues.create('q', {});
    const queue = queues.get('q');
    const model = new Map<string, Expected>();
    for (let step = 0; step < STEPS; step++) {
      const draw = random();
      if (draw < 0.45) await send(`m${step}`);
      else if (draw < 0.7) await receive(1 + Math.floor(random() * 10));
      else if (draw < 0.9) await deleteOne();
      else await clock.advance(Math.floor(random() * 40_000));
    }
    await clock.advance(1_000_000);
    while (model.size > 0) {
      const before = model.size;
      await receive(10);
      for (let n = 0; n < 10; n++) await deleteOne();
      assert.ok(model.size < before, 'a message was lost');
    }
    await storage.close();

    async function send(id: string): Promise<void> {
      const nowMs = clock.now();
      const visibleMs = nowMs + (random() < 0.2 ? Math.floor(random() * 60_000) : 0);
      const groupId = random() < 0.7 ? 'noisy' : `quiet${Math.floor(random() * 5)}`;
      await storage.write(() =>
        queues.messages.add('q', { id, body: id, attributes: {}, groupId, sentMs: nowMs, visibleMs }),
      );
      model.set(id, { visibleMs, receives: 0, seq: 0 });
    }

    async function receive(limit: number): Promise<void> {
      const nowMs = clock.now();
      const ready = [...model.values()].filter(({ visibleMs }) => visibleMs <= nowMs).length;
      const got = await queues.receive(queue, {
        limit,
        visibilitySeconds: VISIBILITY_SECONDS,
        waitSeconds: 0,
      });
      assert.equal(got.length, Math.min(limit, ready));
      assert.equal(new Set(got.map(({ id }) => id)).size, got.length);
      for (const { id, receives, seq } of got) {
        const expected = model.get(id);
        assert.ok(expected && expected.visibleMs <= nowMs, `${id} is hidden or deleted`);
        assert.equal(receives, expected.receives + 1);
        model.set(id, { visibleMs: nowMs + VISIBILITY_SECONDS * 1000, receives, seq });
      }
    }

    async function deleteOne(): Promise<void> {
      const received = [...model].filter(([, { receives }]) => receives > 0);
      const [id, expected] = received[Math.floor(random() * received.length)] ?? [];
      if (id === undefined || !expected) return;
      await storage.write(() => queues.messages.delete(expected.seq));
      model.delete(id);
    }
  });
}
