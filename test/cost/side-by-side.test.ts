/**
 * What a client waits for at the same time, not one after the other: told from when each request
 * began and ended, where every answer takes its time.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { LineClient } from '../../bench/cost/line-client.ts';
import { password, World } from '../../bench/cost/world.ts';
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

test('RETR of one after the other: the next is there when it is asked for, and none but the next', async () => {
  const user = await world.filled(5);
  const { ports } = await world.postfold.startTask('not-rung');
  const client = await LineClient.open(ports.pop3);
  await client.say(`USER ${user}`, /^\+OK/);
  await client.say(`PASS ${password}`, /^\+OK/);
  const retr = (number: number) => async () => {
    client.send(`RETR ${number}\r\n`);
    assert.match(await client.until(/\r\n\.\r\n$/), /^\+OK 7\d+ octets\r\n/);
  };
  const counts: number[] = [];
  for (const number of [1, 2, 3, 5]) {
    await world.measure(retr(number));
    const { requests } = world.takeMeasured();
    counts.push(requests.filter(({ name }) => name === 'GetObject bucket').length);
  }
  // The second asks for the third too, the third finds itself and asks for the fourth, the fifth breaks the row.
  assert.deepEqual(counts, [1, 2, 1, 1]);
  await world.measure(retr(3));
  assert.deepEqual(world.takeMeasured().requests, []);
  await client.end();
});

test('FETCH BODY[] that cannot set \\Seen answers NO and no message', async () => {
  const client = await world.inbox(await world.filled(1));
  const { faults } = world.postfold.cloud;
  for (const operations of [['PutItem', 'BatchGetItem'], ['PutItem']]) {
    for (const operation of operations) faults.add({ kind: 'error', service: 'dynamodb', operation });
    await assert.rejects(client.imap('FETCH 1 BODY[]'), /got: t\d+ NO \[UNAVAILABLE\]/);
    faults.clear();
  }
  const answer = await client.imap('FETCH 1 BODY[]');
  assert.match(answer, /^\* 1 FETCH \(BODY\[\][\s\S]*FLAGS \(\\Seen\)\)\r\n/);
  await client.end();
});

test('FETCH BODY[] that has set \\Seen and cannot read the body answers NO, and tells of \\Seen', async () => {
  const client = await world.inbox(await world.filled(1));
  const { faults } = world.postfold.cloud;
  faults.add({ kind: 'error', service: 's3', operation: 'GetObject' });
  await assert.rejects(
    client.imap('FETCH 1 BODY[]'),
    /got: \* 1 FETCH \(FLAGS \(\\Seen\)\)\r\nt\d+ NO \[UNAVAILABLE\]/,
  );
  faults.clear();
  await client.end();
});
