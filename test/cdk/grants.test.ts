/**
 * The functions and tasks at work on the embedded AWS, each request compared with the rights that
 * their roles would have: a right that is missing would show only on AWS.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { decideSubscribe } from '../../core/mail/account/decide-subscribe.ts';
import { testJob } from '../../core/mail/transfer/testdata.ts';
import { defaultAccountSettings } from '../../core/service/account/settings.ts';
import { SharedAccount } from '../../core/service/account/shared-account.ts';
import { listSnapshots } from '../../core/service/account/snapshots.ts';
import { stage } from '../../core/service/account/stage.ts';
import { chunksOf, sampleMessage } from '../../core/service/account/testkit.ts';
import { relayJob } from '../../core/service/relay/relay.ts';
import { createReaper } from '../../lambdas/reap/reaper.ts';
import { wakeDueJobs } from '../../lambdas/tick/tick.ts';
import { PostfoldStack } from '../../lib/postfold-stack.ts';
import { defaultSettings } from '../../lib/settings.ts';
import type { Cloud } from '../../local/cloud.ts';
import * as relaying from '../support/relay/world.ts';
import * as receiving from '../support/smtp/world.ts';
import { accountKey, openStores } from '../support/stores.ts';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
const template = Template.fromStack(new PostfoldStack(app, 'Postfold', { settings: defaultSettings }));
const policies = Object.entries(template.findResources('AWS::IAM::Policy'));

/** What the role of a function or task may do: `dynamodb:PutItem Outbound`; a trailing `*` stands for anything. */
function rights(role: string): readonly string[] {
  const mine = policies.filter(
    ([id]) => id.startsWith(`Functions${role}`) || id.startsWith(`Servers${role}`),
  );
  assert.ok(mine.length > 0, role);
  return mine
    .flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement as readonly Statement[])
    .flatMap(({ Action, Resource }) => {
      const named = JSON.stringify(Resource).match(
        /Storage(Routes|Directory|Log|Messages|Outbound|Bodies|Queue)/g,
      );
      const places = [...new Set(named ?? [])].map((one) => one.replace('Storage', ''));
      return [Action].flat().flatMap((action) => places.map((place) => `${action} ${place}`));
    });
}

/** IAM's names for requests that are not called like their right. */
const actions: Readonly<Record<string, readonly string[]>> = {
  TransactWriteItems: ['PutItem'],
  CreateMultipartUpload: ['PutObject'],
  UploadPart: ['PutObject'],
  CompleteMultipartUpload: ['PutObject'],
  ListObjectsV2: ['ListBucket'],
  ListObjects: ['ListBucket'],
  HeadObject: ['GetObject'],
  DeleteObjects: ['DeleteObject'],
};

/** Does the work, and asserts that the role has a right for every request made in it. */
async function covered(role: string, cloud: Cloud, work: () => Promise<unknown>): Promise<void> {
  const before = cloud.meter.snapshot();
  await cloud.meter.tagged(role, work);
  const granted = rights(role);
  const rows = cloud.meter.since(before).rows.filter((row) => row.tag === role && row.service !== 'lambda');
  assert.ok(rows.length > 0, 'it did something');
  for (const { service, operation, resource } of rows) {
    const place = service === 's3' ? 'Bodies' : service === 'sqs' ? 'Queue' : resource.replace(/\/.*$/, '');
    for (const action of actions[operation] ?? [operation]) {
      const wanted = `${service}:${action} ${place}`;
      assert.ok(
        granted.some((one) => matches(one, wanted)),
        `${role} may not ${wanted}`,
      );
    }
  }
}

function matches(granted: string, wanted: string): boolean {
  const pattern = granted.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`).test(wanted);
}

test('the relay and the tick', async () => {
  const world = await relaying.openWorld();
  after(() => world.cloud.close());
  const job = testJob();
  await world.bodies.put(job.body.key, Buffer.from('From: ann@acme.example\r\n\r\nhello\r\n'));
  await world.store.enqueue(job);
  // No such domain: a bounce, which looks at the directory and the body
  await covered('relay', world.cloud, () =>
    relayJob(relaying.acme, job.jobId, world.ports, relaying.testSettings),
  );
  await world.store.enqueue(testJob({ jobId: 'later.remote.example' }));
  world.clock.nowMs += 3_600_000;
  await covered('tick', world.cloud, () =>
    wakeDueJobs(
      world.store,
      () => world.clock.nowMs,
      () => 60_000,
    ),
  );
});

test('ingest and the reaper', async () => {
  const world = await receiving.openWorld('no-dns');
  after(() => world.close());
  const { ann } = world.accounts;
  const message = Buffer.from('From: ann@example.org\r\nSubject: hi\r\n\r\nhello\r\n');
  const event = {
    version: 1 as const,
    messageId: world.ids.messageId(),
    origin: 'submission' as const,
    receivedAtMs: world.clock.now(),
    client: { address: '192.0.2.1', helo: 'client', protocol: 'ESMTPSA' },
    identity: { account: ann, login: 'ann@example.org' },
    reversePath: 'ann@example.org',
    recipients: [
      {
        address: 'ann@example.org',
        local: [{ account: ann, quotaBytes: 0 }],
        remote: [],
        tenant: ann.tenant,
      },
      { address: 'x@elsewhere.example', local: [], remote: ['x@elsewhere.example'] },
    ],
  };
  await covered('ingest', world.cloud, async () => {
    const inline = { kind: 'inline' as const, octets: message.toString('base64') };
    assert.equal((await world.ingest({ ...event, body: inline })).code, 250);
    const key = `${ann.tenant}/bodies/2026-01-01/stored`;
    await world.bodies.put(key, message);
    const stored = { kind: 'stored' as const, key, sizeBytes: message.length };
    const again = { ...event, messageId: world.ids.messageId(), body: stored };
    assert.equal((await world.ingest(again)).code, 250);
  });
  const settings = { tablePrefix: '', bucket: 'mail', visitEveryMs: 0 };
  const problems: unknown[] = [];
  const reaper = createReaper(world.clients, settings, world.clock, (_, cause) => problems.push(cause));
  await covered('reap', world.cloud, () => reaper(60_000));
  assert.deepEqual(problems, []);
});

test('a mailbox task: a message stored and read, snapshots cut and cleared away', async () => {
  const stores = await openStores();
  after(() => stores.close());
  const settings = { ...defaultAccountSettings, snapshotEvery: 1 };
  for (const role of ['imapTask', 'pop3Task']) {
    const key = accountKey(role);
    await covered(role, stores.cloud, async () => {
      const account = await SharedAccount.load(key, stores, settings);
      await stage(stores, key, chunksOf(sampleMessage), stores.clock.now());
      for (const name of ['a', 'b', 'c', 'd']) {
        await account.commit((state) => decideSubscribe(state, name, true));
        await account.cutSnapshotIfDue();
      }
    });
    assert.equal((await listSnapshots(stores.bodies, key)).length, 2);
  }
});
