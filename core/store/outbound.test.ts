/** The outbound store on the embedded DynamoDB and SQS: leases, the due index, wake-ups, lost answers. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { marshall } from '@aws-sdk/util-dynamodb';
import { openWorld } from '../../test/support/relay/world.ts';
import type { TenantId } from '../mail/ids.ts';
import { testJob } from '../mail/transfer/testdata.ts';
import { itemOf, jobOf } from './outbound-item.ts';

const acme = 'acme' as TenantId;
const start = 1_000_000;
const minute = 60_000;
let world: Awaited<ReturnType<typeof openWorld>>;

beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.cloud.close());

test('a job is queued once, and every enqueue wakes', async () => {
  const job = testJob();
  await world.store.enqueue(job);
  await world.store.enqueue({ ...job, reversePath: 'other@acme.example' });
  assert.deepEqual(await world.store.get(acme, job.jobId), job);
  const messages = await world.queued();
  assert.deepEqual(
    messages.map((one) => JSON.parse(one.Body ?? '')),
    [1, 2].map(() => ({ version: 1, tenant: 'acme', jobId: job.jobId })),
  );
});

test('a lease is given to one, when due, and again when it has run out', async () => {
  const job = testJob({ dueAtMs: start + 500 });
  await world.store.enqueue(job);
  assert.equal(await world.store.lease(acme, job.jobId, start + 499, 1000), undefined);
  assert.deepEqual((await world.store.lease(acme, job.jobId, start + 500, 1000))?.job, job);
  assert.equal(await world.store.lease(acme, job.jobId, start + 1499, 1000), undefined);
  assert.ok(await world.store.lease(acme, job.jobId, start + 1500, 1000));
  assert.equal(await world.store.lease(acme, 'none', start, 1000), undefined);
});

test('only the holder of the lease settles', async () => {
  const job = testJob();
  await world.store.enqueue(job);
  const first = await world.store.lease(acme, job.jobId, start, 1000);
  const second = await world.store.lease(acme, job.jobId, start + 1000, 1000);
  assert.ok(first && second);
  const { dueAtMs: _, ...rest } = job;
  assert.equal(await world.store.settle(first, { ...rest, state: 'done' }), false);
  assert.equal(await world.store.settle(second, { ...job, attempts: 1, dueAtMs: start + minute }), true);
  assert.equal((await world.store.get(acme, job.jobId))?.attempts, 1);
});

test('a note keeps the lease, for its holder alone', async () => {
  const job = testJob();
  await world.store.enqueue(job);
  const first = await world.store.lease(acme, job.jobId, start, 1000);
  assert.ok(first);
  world.cloud.faults.add({ operation: 'PutItem', kind: 'lost', times: 1 });
  assert.equal(await world.store.note(first, { ...job, attempts: 1 }, start + 5000), true);
  assert.equal((await world.store.get(acme, job.jobId))?.attempts, 1);
  assert.equal(await world.store.lease(acme, job.jobId, start + 4999, 1000), undefined);
  const second = await world.store.lease(acme, job.jobId, start + 5000, 1000);
  assert.ok(second);
  assert.equal(await world.store.note(first, { ...job, attempts: 7 }, start + 9000), false);
  assert.equal(await world.store.settle(second, { ...job, attempts: 2 }), true);
});

test('lost answers: a lease and a settle that were applied count as ours', async () => {
  const job = testJob();
  await world.store.enqueue(job);
  world.cloud.faults.add({ operation: 'UpdateItem', kind: 'lost', times: 1 });
  const leased = await world.store.lease(acme, job.jobId, start, 1000);
  assert.ok(leased);
  world.cloud.faults.add({ operation: 'PutItem', kind: 'lost', times: 1 });
  const { dueAtMs: _, ...rest } = job;
  assert.equal(await world.store.settle(leased, { ...rest, state: 'done' }), true);
});

test('the tick sees what is overdue after a grace, oldest first, and not twice in five minutes', async () => {
  const jobs = ['a', 'b', 'c'].map((name, i) => testJob({ jobId: `x.${name}`, dueAtMs: start - i * 1000 }));
  for (const job of jobs) await world.store.enqueue(job);
  const due = async (ms: number) => (await world.store.due(start + ms, 2)).map((one) => one.jobId);
  assert.deepEqual(await due(0), []);
  assert.deepEqual(await due(minute), ['x.c', 'x.b']);
  assert.deepEqual(await due(minute + 1), ['x.a']);
  assert.deepEqual(await due(minute + 2), []);
  assert.deepEqual((await due(6 * minute)).sort(), ['x.b', 'x.c']);
});

test('a job due after more than 15 minutes is found by the tick at its time, an ended one never', async () => {
  const job = testJob();
  await world.store.enqueue(job);
  const leased = await world.store.lease(acme, job.jobId, start, 1000);
  assert.ok(leased);
  await world.store.settle(leased, { ...job, dueAtMs: start + 60 * minute });
  assert.deepEqual(await world.store.due(start + 60 * minute - 1, 10), []);
  assert.equal((await world.store.due(start + 60 * minute, 10)).length, 1);
  assert.equal(await world.store.change(acme, job.jobId, 'cancel', start), true);
  assert.deepEqual(await world.store.due(start + 600 * minute, 10), []);
});

test('retry makes a job due now and wakes it; cancel ends it, under a lease too; both refuse an ended one', async () => {
  const job = testJob({ dueAtMs: start + 60 * minute });
  await world.store.enqueue(job);
  assert.equal(await world.store.change(acme, job.jobId, 'retry', start), true);
  const leased = await world.store.lease(acme, job.jobId, start, 1000);
  assert.ok(leased);
  assert.equal(await world.store.change(acme, job.jobId, 'cancel', start), true);
  assert.equal(await world.store.settle(leased, job), false);
  assert.equal((await world.store.get(acme, job.jobId))?.state, 'cancelled');
  assert.equal(await world.store.change(acme, job.jobId, 'retry', start), false);
  assert.equal(await world.store.change(acme, 'none', 'cancel', start), false);
});

test('jobs are listed by tenant or all', async () => {
  for (const tenant of ['acme', 'zeta'])
    for (const name of ['a', 'b'])
      await world.store.enqueue(testJob({ tenant: tenant as TenantId, jobId: name }));
  assert.equal((await world.store.list(acme, 10)).length, 2);
  assert.equal((await world.store.list(undefined, 10)).length, 4);
  assert.equal((await world.store.list(undefined, 3)).length, 3);
});

test('those that wait are listed, the next one first, whatever has ended before them', async () => {
  for (let i = 0; i < 12; i++) {
    const job = testJob({ jobId: `job.${String(i).padStart(2, '0')}`, dueAtMs: start + (12 - i) * minute });
    await world.store.enqueue(job);
    if (i < 8) await world.store.change(acme, job.jobId, 'cancel', start);
  }
  await world.store.enqueue(testJob({ tenant: 'zeta' as TenantId, jobId: 'z' }));
  const names = async (tenant: TenantId | undefined, limit: number) =>
    (await world.store.list(tenant, limit, 'queued')).map(({ jobId }) => jobId);
  assert.deepEqual(await names(acme, 3), ['job.11', 'job.10', 'job.09']);
  assert.deepEqual(await names(acme, 10), ['job.11', 'job.10', 'job.09', 'job.08']);
  assert.equal((await names(undefined, 10))[0], 'z');
  assert.equal((await world.store.list(acme, 3))[0]?.jobId, 'job.11');
});

test('an item of version 1 reads as it always did', () => {
  const golden = {
    version: 1,
    tenant: 'acme',
    jobId: 'm.remote.example',
    messageId: 'm',
    body: { key: 'acme/bodies/2026-01-01/m', sizeBytes: 9, prefix: 'Received: x\r\n', cuts: [[1, 2]] },
    origin: 'submission',
    account: { tenant: 'acme', account: 'a1' },
    reversePath: 'ann@acme.example',
    domain: 'remote.example',
    recipients: [
      {
        address: 'b@remote.example',
        state: 'pending',
        lastReply: '450 no',
        lastStatus: '4.0.0',
        replyBy: 'remote',
        remoteHost: 'mx',
      },
    ],
    smtpUtf8: false,
    createdAtMs: 1,
    attemptAtMs: 5,
    dueAtMs: 60_005,
    dueShard: '0',
    expiresAtMs: 9,
    attempts: 1,
    warnedAtMs: 4,
    state: 'queued',
    leaseId: 'l',
    leaseUntilMs: 7,
    settledBy: 'k',
  };
  const { attemptAtMs, dueShard, leaseId, leaseUntilMs, settledBy, ...rest } = golden;
  const job = jobOf(marshall(golden));
  assert.deepEqual(job, { ...rest, dueAtMs: 5 });
  assert.deepEqual(jobOf(itemOf(job, 1)), job);
  const owed = { attempts: 0, roundMs: 1, addresses: ['b@remote.example'] };
  assert.deepEqual(jobOf(marshall({ ...golden, owed })).owed, [{ kind: 'failed', ...owed }]);
  const now = [{ kind: 'delayed', ...owed }] as const;
  assert.deepEqual(jobOf(itemOf({ ...job, owed: now }, 1)).owed, now);
});
