import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openStores, type TestStores } from '../../test/support/stores.ts';
import type { IngestEvent, IngestResult } from '../service/receive/event.ts';
import { invokeIngest } from './invoke-ingest.ts';

let stores: TestStores;
before(async () => {
  stores = await openStores();
});
after(() => stores.close());

function eventOf(octets: string): IngestEvent {
  return {
    version: 1,
    messageId: stores.ids.messageId(),
    origin: 'mx',
    receivedAtMs: 0,
    client: { address: '192.0.2.1', helo: 'ü', protocol: 'UTF8SMTP' },
    reversePath: '',
    recipients: [],
    body: { kind: 'inline', octets },
  };
}

test('the event arrives as it was, the answer comes back; 3 MB fit', async () => {
  const seen: unknown[] = [];
  const answer: IngestResult = { code: 250, status: '2.0.0', text: 'ok' };
  stores.cloud.registerFunction('good', async (event) => {
    seen.push(event);
    return answer;
  });
  const event = eventOf(Buffer.alloc(3_000_000, 'x').toString('base64'));
  assert.deepEqual(await invokeIngest(stores.clients.lambda, 'good')(event), answer);
  assert.deepEqual(seen, [event]);
});

test('a function that throws, or answers nonsense, is a failure', async () => {
  stores.cloud.registerFunction('throws', async () => {
    throw new Error('no table');
  });
  await assert.rejects(invokeIngest(stores.clients.lambda, 'throws')(eventOf('')), /ingest failed.*no table/);
  for (const nonsense of [null, 'ok', { code: '250' }, { code: 250, status: '2.0.0' }]) {
    stores.cloud.registerFunction('nonsense', async () => nonsense);
    await assert.rejects(invokeIngest(stores.clients.lambda, 'nonsense')(eventOf('')), /no result/);
  }
});
