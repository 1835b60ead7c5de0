// What a server has seen of a large message on its way, and what `ingest` makes of it, is what the finished message says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chance } from '../../../test/fuzz/chance.ts';
import { mutated } from '../../../test/fuzz/mutate.ts';
import { mime } from '../../../test/fuzz/targets/mime.ts';
import { indexMessage } from '../../mail/message/index-message.ts';
import { decodeParts, encodeParts } from '../../mail/message/parts-codec.ts';
import type { RecordedIndex } from '../../mail/message/types.ts';
import type { BodyStore } from '../../mail/ports/body-store.ts';
import type { IngestEvent } from '../receive/event.ts';
import { surveyHeader } from '../receive/header-survey.ts';
import { openSource } from '../receive/source.ts';
import { finish } from '../receive/stage.ts';
import { MemoryBudget } from './memory-budget.ts';
import { Witness } from './witness.ts';

const cutFields = ['Return-Path: <x@y>\r\n', 'Bcc: a@b\r\n c\r\n', 'nonsense\r\n', '\tfolded\r\n'];

function message(seed: number): Buffer {
  const chance = new Chance(seed);
  const front = chance.some(3, () => chance.pick(cutFields));
  const plain = Buffer.concat([Buffer.from(front), mime.generate(chance)]);
  return chance.oneIn(2) ? plain : mutated(plain, chance, { words: mime.words, corpus: [plain] });
}

async function seenOf(octets: Buffer, chunkOctets: number) {
  const witness = new Witness(new MemoryBudget(1_000_000));
  async function* chunks() {
    for (let at = 0; at < octets.length; at += chunkOctets) {
      const chunk = Buffer.from(octets.subarray(at, at + chunkOctets));
      yield chunk;
      chunk.fill(0x2d); // its memory is used again
    }
  }
  for await (const _ of witness.watch(chunks()));
  return witness.seen();
}

function kept({ envelope, bodyStructure, preview, parts }: RecordedIndex): RecordedIndex {
  return { envelope, bodyStructure, preview, parts: decodeParts(encodeParts(parts)) };
}

test('any message, in any chunks', async () => {
  let notRead = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const octets = message(seed);
    let reads = 0;
    const range = (_key: string, start: number, end: number) => {
      reads++;
      return octets.subarray(start, Math.min(end, octets.length));
    };
    const bodies = {
      read: async (...place: Parameters<typeof range>) => range(...place),
      stream: async function* (...place: Parameters<typeof range>) {
        yield range(...place);
      },
    } as unknown as BodyStore;
    const seen = await seenOf(octets, 1 + (seed % 37));
    assert.ok(seen);
    const body = { kind: 'stored', key: 'k', sizeBytes: octets.length, seen } as const;
    const source = await openSource({ body } as unknown as IngestEvent, bodies);
    assert.ok(source.header);
    const { cuts } = surveyHeader(source.header, 'mx.test', true);
    const prefix = `Return-Path: <>\r\n${source.header.length === 0 ? '\r\n' : ''}`;
    const finished = await finish(source, prefix, cuts);
    const pieces: Buffer[] = [Buffer.from(prefix)];
    let at = 0;
    for (const [start, end] of [...cuts, [octets.length, octets.length]] as const) {
      pieces.push(octets.subarray(at, start));
      at = end;
    }
    const whole = indexMessage(Buffer.concat(pieces));
    assert.deepEqual(kept(finished.index), kept(whole), `seed ${seed}`);
    assert.equal(finished.sizeBytes, whole.sizeBytes, `seed ${seed}`);
    if (reads === 0) notRead++;
  }
  assert.ok(notRead > 150, 'most are not read again');
});
