// Memory of uploads is used again and again: whatever fails meanwhile, no body gets an octet of another.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { openCloud } from '../../local/cloud.ts';
import { GatheredOctets } from '../mail/gathered-octets.ts';
import { BodyMissing } from '../mail/ports/body-store.ts';
import { S3BodyStore } from './bodies.ts';
import { openClients } from './clients.ts';
import { ensureBucket } from './tables.ts';

const bucket = 'mail';
const chunkOctets = 96_000;
const headOctets = 500_000;
/** On both sides of a part, of a block, and of what is worth a buffer. */
const sizes = [200_000, 300_000, 700_001, 1_500_000, 5 * 1024 * 1024 + 1, 6_000_000];
const rounds = 3;

/** Each chunk is written over once the next one is asked for, as its owner may. */
async function* filled(fill: number, size: number, endsAt: number) {
  const chunk = Buffer.alloc(chunkOctets);
  for (let at = 0; at < size; at += chunkOctets) {
    if (at > endsAt) throw new Error('the client went away');
    yield chunk.subarray(0, size - at).fill(fill);
    chunk.fill(0xff);
  }
}

/** As the servers do it: the beginning has been gathered by the time that the message is found to be large. */
async function* begun(chunks: AsyncIterable<Buffer>) {
  const head = new GatheredOctets();
  for await (const chunk of chunks) {
    if (head.length < headOctets) head.add(chunk);
    else {
      yield* head.drain();
      yield chunk;
    }
  }
  yield* head.drain();
}

async function openStore(t: TestContext, inProcess: boolean) {
  const dataDir = mkdtempSync(join(tmpdir(), 'postfold-shared-'));
  const cloud = await openCloud({ dataDir });
  const { url } = await cloud.listen();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const clients = openClients(
    inProcess
      ? { requestHandler: cloud.requestHandler }
      : { endpoint: url, region: 'us-east-1', credentials },
  );
  t.after(async () => {
    clients.close();
    await cloud.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  await ensureBucket(clients.s3, bucket);
  return { cloud, bodies: new S3BodyStore(clients.s3, bucket) };
}

async function readAll(bodies: S3BodyStore, key: string): Promise<Uint8Array | undefined> {
  try {
    return await bodies.read(key, 0, 1e8);
  } catch (error) {
    if (error instanceof BodyMissing) return undefined;
    throw error;
  }
}

describe('no body gets octets of another', { concurrency: true }, () => {
  for (const inProcess of [true, false])
    test(`many uploads with faults, ${inProcess ? 'in one process' : 'over HTTP'}`, async (t) => {
      const { cloud, bodies } = await openStore(t, inProcess);
      const work = { service: 's3', probability: 0.06 } as const;
      cloud.faults.add({ ...work, kind: 'lost' });
      cloud.faults.add({ ...work, kind: 'error' });
      cloud.faults.add({ ...work, kind: 'throttle', times: 1 });
      cloud.faults.add({ ...work, kind: 'timeout', delayMs: 5 });
      cloud.faults.add({ ...work, kind: 'latency', probability: 0.3, delayMs: 5 });
      const uploads = Array.from({ length: rounds * sizes.length }, async (_, fill) => {
        const size = sizes[fill % sizes.length] ?? 0;
        const endsAt = fill % 5 === 4 ? size / 2 : size;
        const stored = await bodies
          .putStream(`${fill}/body`, begun(filled(fill, size, endsAt)))
          .catch(() => 0);
        return { fill, size, isStored: stored === size };
      });
      const all = await Promise.all(uploads);
      cloud.faults.clear();
      for (const { fill, size, isStored } of all) {
        const body = await readAll(bodies, `${fill}/body`);
        // One that failed may be there all the same, when only the last answer was lost
        if (isStored || body) assert.ok(body && Buffer.alloc(size, fill).equals(body), `${fill}`);
      }
      assert.ok(all.filter(({ isStored }) => isStored).length > all.length / 2);
    });
});
