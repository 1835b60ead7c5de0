/** The Lambda handlers of a Postfold in one process: registered on the embedded Lambda, with its event source and schedules. */
import type { Resolver } from '../../core/mail/ports/resolver.ts';
import { defaultRetryPolicy } from '../../core/mail/transfer/schedule.ts';
import type { Ingest, IngestEvent } from '../../core/service/receive/event.ts';
import { HeadCache } from '../../core/service/receive/head-cache.ts';
import { receive } from '../../core/service/receive/receive.ts';
import { isPrivateAddress } from '../../core/service/relay/private-address.ts';
import type { RelaySettings } from '../../core/service/relay/settings.ts';
import { defaultTimeouts } from '../../core/service/relay/smtp/limits.ts';
import { invokeIngest } from '../../core/store/invoke-ingest.ts';
import { queueNames } from '../../core/store/queues.ts';
import { createReaper } from '../../lambdas/reap/reaper.ts';
import { createRelay, type SqsEvent } from '../../lambdas/relay/relay-batch.ts';
import { relayAttemptMs, relayLeaseMs, relayTimeoutSeconds } from '../../lambdas/relay/settings.ts';
import { wakeDueJobs } from '../../lambdas/tick/tick.ts';
import type { Journal } from './journal.ts';
import type { StartOptions } from './options.ts';
import { pollQueue, type QueuePoller } from './queue-poller.ts';
import { bucketName, resourcePrefix, type Stores } from './stores.ts';

const ingestName = `${resourcePrefix}ingest`;
const relayName = `${resourcePrefix}relay`;
const tickName = `${resourcePrefix}tick`;
const reapName = `${resourcePrefix}reap`;
const minuteMs = 60_000;

export interface FunctionSettings
  extends Pick<StartOptions, 'dns' | 'routes' | 'retryMs' | 'expireMs' | 'warnMs' | 'awsEndpoint'> {
  readonly hostname: string;
  readonly resolver: Resolver;
  readonly dnsAvailable: boolean;
}

type RelayingSettings = Pick<
  FunctionSettings,
  'dns' | 'hostname' | 'routes' | 'retryMs' | 'expireMs' | 'warnMs'
>;

export interface Functions {
  readonly ingest: Ingest;
  /** Takes no more work from the queue; what is under way goes on. */
  close(): Promise<void>;
}

export function registerFunctions(stores: Stores, settings: FunctionSettings, journal: Journal): Functions {
  const ingest = registerIngest(stores, settings);
  const poller = registerRelay(stores, settings, ingest, journal);
  registerTick(stores);
  registerReap(stores, journal);
  return { ingest, close: async () => poller?.close() };
}

function registerIngest(stores: Stores, settings: FunctionSettings): Ingest {
  const { hostname, dnsAvailable, resolver } = settings;
  const outboundExpiryMs = settings.expireMs ?? defaultRetryPolicy.expiryMs;
  const receiving = { hostname, dnsAvailable, outboundExpiryMs };
  const dependencies = { ...stores, resolver, heads: new HeadCache(), settings: receiving };
  stores.cloud.registerFunction(ingestName, (event) => receive(event as IngestEvent, dependencies), {
    timeoutMs: minuteMs,
    memoryMb: 1024,
  });
  return invokeIngest(stores.lambda, ingestName);
}

function registerRelay(
  stores: Stores,
  settings: FunctionSettings,
  ingest: Ingest,
  journal: Journal,
): QueuePoller | undefined {
  const { outbound, bodies, directory, clock, cloud, aws, queueUrl } = stores;
  const ports = {
    ...{ store: outbound, bodies, directory, ingest, resolver: settings.resolver },
    now: () => clock.now(),
    random: Math.random,
    onFailure: (error: unknown, jobId: string) => journal.problem(`job ${jobId}`, error),
  };
  const relay = createRelay(ports, relaySettings(settings), (line) =>
    journal.event(line as { event: string }),
  );
  if (settings.awsEndpoint !== undefined) return pollQueue(aws.sqs, queueUrl, relay, journal.problem);
  cloud.registerFunction(relayName, (event) => relay(event as SqsEvent), {
    timeoutMs: relayTimeoutSeconds * 1000,
    memoryMb: 512,
  });
  cloud.mapQueueToFunction({
    queueName: queueNames(resourcePrefix).outbound,
    functionName: relayName,
    reportBatchItemFailures: true,
    batchSize: 1,
    maximumConcurrency: 20,
  });
  return undefined;
}

function registerTick({ cloud, outbound, clock }: Stores): void {
  const tick = (_event: unknown, context: { getRemainingTimeInMillis(): number }) =>
    wakeDueJobs(
      outbound,
      () => clock.now(),
      () => context.getRemainingTimeInMillis(),
    );
  cloud.registerFunction(tickName, tick, { timeoutMs: minuteMs, memoryMb: 256 });
  cloud.scheduleFunction({ functionName: tickName, everyMs: minuteMs, input: {} });
}

/** As deployed: every hour, 15 minutes at most. */
function registerReap({ cloud, aws, clock }: Stores, journal: Journal): void {
  const places = { tablePrefix: resourcePrefix, bucket: bucketName };
  const reaper = createReaper(aws, places, clock, (what, cause) => journal.problem(`reaping ${what}`, cause));
  const reap = (_event: unknown, context: { getRemainingTimeInMillis(): number }) =>
    reaper(context.getRemainingTimeInMillis() - minuteMs);
  cloud.registerFunction(reapName, reap, { timeoutMs: 15 * minuteMs, memoryMb: 1024 });
  cloud.scheduleFunction({ functionName: reapName, everyMs: 60 * minuteMs, input: {} });
}

/** A DNS server of a closed network, given with --dns, may lead to that network's addresses. */
export function relaySettings(settings: RelayingSettings): RelaySettings {
  const { dns, hostname, routes, retryMs, expireMs, warnMs } = settings;
  return {
    hostname,
    ownNames: [hostname],
    routes,
    allowPrivate: dns !== undefined && isPrivateAddress(dns.host),
    port: 25,
    retry: {
      delaysMs: retryMs ?? defaultRetryPolicy.delaysMs,
      expiryMs: expireMs ?? defaultRetryPolicy.expiryMs,
      warnAfterMs: warnMs ?? defaultRetryPolicy.warnAfterMs,
    },
    timeouts: defaultTimeouts,
    attemptMs: relayAttemptMs,
    leaseMs: relayLeaseMs,
  };
}
