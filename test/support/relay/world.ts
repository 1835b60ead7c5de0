/**
 * All that a relay needs, for tests: table Outbound and its queue on the embedded AWS, bodies
 * in memory, a directory of one tenant, a scripted DNS, and a clock that the test moves.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Address } from '../../../core/mail/address.ts';
import type { AccountId, TenantId } from '../../../core/mail/ids.ts';
import { BodyMissing, type BodyStore } from '../../../core/mail/ports/body-store.ts';
import type { Directory, DkimKey } from '../../../core/mail/ports/directory.ts';
import {
  type DnsAnswer,
  DnsFailure,
  type MxRecord,
  type Resolver,
} from '../../../core/mail/ports/resolver.ts';
import { defaultRetryPolicy } from '../../../core/mail/transfer/schedule.ts';
import type { IngestEvent, IngestResult } from '../../../core/service/receive/event.ts';
import type { RelayPorts } from '../../../core/service/relay/relay.ts';
import type { RelaySettings } from '../../../core/service/relay/settings.ts';
import { SilentHosts } from '../../../core/service/relay/silent-hosts.ts';
import { defaultTimeouts } from '../../../core/service/relay/smtp/limits.ts';
import { SqsOutbound } from '../../../core/store/outbound.ts';
import { ensureTables, tableNames } from '../../../core/store/tables.ts';
import { openCloud } from '../../../local/cloud.ts';

export const acme = 'acme' as TenantId;

export const testSettings: RelaySettings = {
  hostname: 'mx.acme.example',
  ownNames: ['mx.acme.example'],
  routes: new Map(),
  allowPrivate: true,
  port: 25,
  retry: { ...defaultRetryPolicy, delaysMs: [2000, 4000] },
  timeouts: {
    ...defaultTimeouts,
    connectMs: 1000,
    greetingMs: 1000,
    commandMs: 500,
    blockMs: 1000,
    finalMs: 500,
  },
  attemptMs: 5000,
  leaseMs: 10_000,
};

/** DNS by script: names to their answers; what is not there does not exist. */
export function scriptedDns(
  zones: Readonly<
    Record<string, { mx?: readonly MxRecord[] | 'trouble'; a?: readonly string[] | 'trouble' }>
  >,
): Resolver {
  const answer = async <R>(
    name: string,
    pick: (zone: (typeof zones)[string]) => readonly R[] | 'trouble' | undefined,
  ) => {
    const zone = zones[name];
    if (!zone) return { kind: 'no-name' } as const;
    const found = pick(zone);
    if (found === 'trouble') throw new DnsFailure(`no answer for ${name}`);
    const [first, ...rest] = found ?? [];
    return first === undefined
      ? ({ kind: 'no-data' } as const)
      : { kind: 'records' as const, records: [first, ...rest] as const };
  };
  const none = async (): Promise<DnsAnswer<string>> => ({ kind: 'no-data' });
  return {
    resolveMx: (name) => answer<MxRecord>(name, (zone) => zone.mx),
    resolve4: (name) =>
      answer<string>(name, (zone) =>
        zone.a === 'trouble' ? zone.a : zone.a?.filter((one) => !one.includes(':')),
      ),
    resolve6: (name) =>
      answer<string>(name, (zone) =>
        zone.a === 'trouble' ? zone.a : zone.a?.filter((one) => one.includes(':')),
      ),
    resolveTxt: none,
    resolvePtr: none,
    resolveCname: none,
  };
}

/** Bodies in memory that remember how much was read. */
export class MemoryBodies implements BodyStore {
  readonly objects = new Map<string, Buffer>();
  reads = 0;
  async put(key: string, octets: Uint8Array): Promise<void> {
    this.objects.set(key, Buffer.from(octets));
  }
  async putStream(key: string, octets: AsyncIterable<Uint8Array>): Promise<number> {
    const whole = Buffer.concat(await Array.fromAsync(octets));
    this.objects.set(key, whole);
    return whole.length;
  }
  async read(key: string, start: number, end: number): Promise<Uint8Array> {
    this.reads++;
    const object = this.objects.get(key);
    if (!object) throw new BodyMissing(key);
    return object.subarray(start, end);
  }
  async *stream(key: string, start: number, end: number): AsyncIterable<Uint8Array> {
    const octets = await this.read(key, start, end);
    for (let at = 0; at < octets.length; at += 65_536) yield octets.subarray(at, at + 65_536);
  }
  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.objects.delete(key);
  }
  async list(): Promise<readonly never[]> {
    return [];
  }
}

export function directoryOf(dkim: readonly DkimKey[] = []): Directory {
  return {
    resolve: async ({ domain, localPart }: Address) => {
      if (domain !== 'acme.example') return { kind: 'foreign' };
      if (localPart !== 'ann') return { kind: 'unknown' };
      const account = { tenant: acme, account: 'a1' as AccountId };
      return { kind: 'known', tenant: acme, local: [{ account, quotaBytes: 0 }], forwards: [] };
    },
    authenticate: async () => undefined,
    mayUse: async () => false,
    domain: async (name) => (name === 'acme.example' ? { name, tenant: acme, dkim } : undefined),
  };
}

export async function openWorld(
  change: { resolver?: Resolver; dkim?: readonly DkimKey[]; seed?: number } = {},
) {
  const cloud = await openCloud(change.seed === undefined ? {} : { seed: change.seed });
  const common = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: cloud.requestHandler,
  };
  const dynamo = new DynamoDBClient(common);
  const sqs = new SQSClient({ ...common, endpoint: 'http://localhost' });
  await ensureTables(dynamo, tableNames(''));
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'outbound' }));
  const clock = { nowMs: 1_000_000 };
  const now = () => clock.nowMs;
  const store = new SqsOutbound(dynamo, sqs, { table: 'Outbound', queueUrl: QueueUrl }, now);
  const bodies = new MemoryBodies();
  const bounces: IngestEvent[] = [];
  const failures: unknown[] = [];
  const answers: { ingest: () => Promise<IngestResult> } = {
    ingest: async () => ({ code: 250, status: '2.0.0', text: 'ok' }),
  };
  const ports: RelayPorts = {
    store,
    bodies,
    directory: directoryOf(change.dkim),
    resolver: change.resolver ?? scriptedDns({}),
    silentHosts: new SilentHosts(now, testSettings.retry),
    ingest: async (event) => {
      const result = await answers.ingest();
      bounces.push(event);
      return result;
    },
    now,
    random: () => 0.5,
    onFailure: (error) => failures.push(error),
  };
  /** Takes what is in the queue now, without waiting. */
  const queued = async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    return Messages;
  };
  return {
    cloud,
    dynamo,
    sqs,
    queueUrl: QueueUrl,
    store,
    bodies,
    bounces,
    failures,
    answers,
    ports,
    clock,
    queued,
  };
}

/** The notification inside an event, as text. */
export function bounceText(event: IngestEvent | undefined): string {
  return event?.body.kind === 'inline' ? Buffer.from(event.body.octets, 'base64').toString('latin1') : '';
}
