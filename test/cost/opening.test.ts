/** When an IMAP session opens its account: with the first command that needs it, which then sees all that is there. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { World } from '../../bench/cost/world.ts';

const world = await World.open({ messageBytes: 1_000 });
after(() => world.close());

async function loggedIn() {
  const user = await world.account();
  const task = await world.postfold.startTask('rung');
  return { user, client: await world.imap(task, user) };
}

async function namesOf(action: () => Promise<unknown>): Promise<readonly string[]> {
  await world.measure(action);
  return world.takeMeasured().requests.map(({ name }) => name);
}

test('SELECT shows what came after LOGIN, the next SELECT what came after that', async () => {
  const { user, client } = await loggedIn();
  await world.deliver([user]);
  const requests = await namesOf(async () => assert.match(await client.imap('SELECT INBOX'), /\* 1 EXISTS/));
  assert.deepEqual(requests, ['GetObject bucket', 'Query Log']);
  await world.deliver([user]);
  const again = await namesOf(async () => assert.match(await client.imap('SELECT INBOX'), /\* 2 EXISTS/));
  assert.deepEqual(again, ['Query Log']);
  await client.end();
});

test('what needs no account opens none', async () => {
  const { client } = await loggedIn();
  const commands = ['NOOP', 'CAPABILITY', 'NAMESPACE', 'ENABLE CONDSTORE', 'ID NIL', 'LOGOUT'];
  const requests = await namesOf(async () => {
    for (const command of commands) await client.imap(command);
  });
  assert.deepEqual(requests, []);
  await client.end();
});

test('an account that cannot be opened is tried again by the next command', async () => {
  const { client } = await loggedIn();
  const { faults } = world.postfold.cloud;
  faults.add({ kind: 'error', service: 'dynamodb', operation: 'Query' });
  await assert.rejects(client.imap('STATUS INBOX (MESSAGES)'), /NO \[UNAVAILABLE\]/);
  faults.clear();
  assert.match(await client.imap('STATUS INBOX (MESSAGES)'), /MESSAGES 0/);
  await client.end();
});
