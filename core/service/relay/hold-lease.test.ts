/** The lease of a long attempt: renewed while it goes on, and the attempt cut when it is lost. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { acme, openWorld } from '../../../test/support/relay/world.ts';
import type { LeasedJob } from '../../mail/ports/outbound.ts';
import { testJob } from '../../mail/transfer/testdata.ts';
import { holding } from './hold-lease.ts';

const leaseMs = 60;
let world: Awaited<ReturnType<typeof openWorld>>;
let leased: LeasedJob;

beforeEach(async () => {
  world = await openWorld();
  world.clock.nowMs = Date.now();
  const job = testJob();
  await world.store.enqueue(job);
  const found = await world.store.lease(acme, job.jobId, Date.now(), leaseMs);
  assert.ok(found);
  leased = found;
});
afterEach(() => world.cloud.close());

/** Resolves when the signal aborts. */
const aborted = (signal: AbortSignal) =>
  new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('cut')));

test('the lease stands for as long as the work takes', async () => {
  const holder = { store: world.store, now: Date.now };
  let renewals = 0;
  const counting = {
    ...holder,
    store: {
      renew: (held: LeasedJob, untilMs: number) => {
        if (++renewals === 6) finish('done');
        return world.store.renew(held, untilMs);
      },
    },
  };
  let finish: (text: string) => void = () => undefined;
  const work = () => new Promise<string>((resolve) => (finish = resolve));
  assert.equal(await holding(leased, counting, { leaseMs }, work), 'done');
  const { tenant, jobId } = leased.job;
  assert.ok(Date.now() > leased.leaseUntilMs, 'longer than one lease');
  assert.equal(await world.store.lease(tenant, jobId, Date.now(), leaseMs), undefined);
});

test('work is cut when somebody else has the job', async () => {
  const { tenant, jobId } = leased.job;
  assert.ok(await world.store.lease(tenant, jobId, Date.now() + 10_000, leaseMs));
  assert.equal(await holding(leased, { store: world.store, now: Date.now }, { leaseMs }, aborted), 'cut');
});

test('work is cut when the store stays away until the lease has run out', async () => {
  const failing = {
    renew: async () => {
      throw new Error('away');
    },
  };
  assert.equal(await holding(leased, { store: failing, now: Date.now }, { leaseMs }, aborted), 'cut');
});

test('work is cut when a renewal hangs until the lease has run out', async () => {
  const hanging = { renew: () => new Promise<boolean>(() => undefined) };
  assert.equal(await holding(leased, { store: hanging, now: Date.now }, { leaseMs }, aborted), 'cut');
});
