/**
 * What a client waits for at the same time, not one after the other: told from when each request
 * began and ended, where every answer takes its time.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { World } from '../../bench/cost/world.ts';
import type { TracedRequest } from '../support/request-trace.ts';

const world = await World.open({
  messageBytes: 75_000,
  slow: ({ cloud: { faults } }) => void faults.add({ kind: 'latency', delayMs: 60 }),
});
after(() => world.close());

async function requestsOf(action: () => Promise<unknown>): Promise<readonly TracedRequest[]> {
  await world.measure(action);
  const { requests, answered } = world.takeMeasured();
  return requests.slice(0, answered);
}

function areSideBySide(requests: readonly TracedRequest[], ...names: readonly string[]): boolean {
  const found = names.map((name) => requests.find((request) => request.name === name));
  assert.ok(
    found.every((request) => request !== undefined),
    `all of ${names} in ${requests.map(({ name }) => name)}`,
  );
  return Math.max(...found.map(({ beganMs }) => beganMs)) < Math.min(...found.map(({ endedMs }) => endedMs));
}

test('FETCH BODY[]: \\Seen is set while record and body are read', async () => {
  const client = await world.inbox(await world.filled(1));
  const requests = await requestsOf(async () => {
    const answer = await client.imap('FETCH 1 (FLAGS BODY[])');
    assert.match(answer, /^\* 1 FETCH \(FLAGS \(\\Seen\) BODY\[\] \{7\d+\}\r\n/);
  });
  assert.ok(areSideBySide(requests, 'PutItem Log', 'BatchGetItem Messages'));
  await client.end();
});

test('FETCH BODY[] of what has its record in memory: \\Seen and body', async () => {
  const client = await world.inbox(await world.filled(1));
  await client.imap('FETCH 1 ENVELOPE');
  const requests = await requestsOf(() => client.imap('FETCH 1 BODY[]'));
  assert.ok(areSideBySide(requests, 'PutItem Log', 'GetObject bucket'));
  await client.end();
});

test('APPEND: body and record, then the entry', async () => {
  const client = await world.inbox(await world.account());
  const requests = await requestsOf(() => client.imap('APPEND Sent', world.message));
  assert.ok(areSideBySide(requests, 'PutObject bucket', 'PutItem Messages'));
  assert.ok(!areSideBySide(requests, 'PutObject bucket', 'PutItem Log'));
  assert.ok(!areSideBySide(requests, 'PutItem Messages', 'PutItem Log'));
  await client.end();
});

test('FETCH BODY[] that cannot set \\Seen answers NO and no message', async () => {
  const client = await world.inbox(await world.filled(1));
  const { faults } = world.postfold.cloud;
  faults.add({ kind: 'error', service: 'dynamodb', operation: 'PutItem' });
  await assert.rejects(client.imap('FETCH 1 BODY[]'), /got: t\d+ NO \[UNAVAILABLE\]/);
  faults.clear();
  const answer = await client.imap('FETCH 1 BODY[]');
  assert.match(answer, /^\* 1 FETCH \(BODY\[\][\s\S]*FLAGS \(\\Seen\)\)\r\n/);
  await client.end();
});
