/** `postfold queue`: mail that is on its way to other servers. */
import type { OutboundJob } from '../../core/mail/transfer/job.ts';
import { tenantsNamed } from '../../core/service/provision/domains.ts';
import { type Outcome, refuse } from '../../core/service/provision/outcome.ts';
import { listTenants } from '../../core/service/provision/tenants.ts';
import { facts, size, table, time } from './format.ts';
import { type Answer, answer, type Leaf, type Options, text, UsageError } from './leaf.ts';
import type { AdminServices } from './services.ts';

const defaultLimit = 100;
const maxLimit = 10_000;
const ofTenant = ['--tenant <name>', 'look in one tenant only'] as const;

export const queueLeaves: readonly Leaf[] = [
  {
    usage: 'list',
    about: 'list jobs that wait for delivery',
    examples: ['queue list', 'queue list --tenant acme --all --limit 1000 --json'],
    options: [
      ofTenant,
      ['--all', 'also those that have ended'],
      ['--limit <n>', `list so many jobs at most (${defaultLimit})`],
    ],
    run: async (services, _args, options) => {
      const tenant = await oneTenant(services, options);
      if ('refused' in tenant) return tenant;
      const which = options.all === true ? undefined : 'queued';
      const shown = await services.outbound.list(tenant.done, limitOf(options), which);
      return {
        done: {
          text: table(['JOB', 'STATE', 'TRIES', 'NEXT', 'FROM', 'TO', 'LAST ANSWER'], shown.map(row)),
          json: shown.map(view),
        },
      };
    },
  },
  {
    usage: 'show <job>',
    about: 'show one job with each recipient',
    examples: ['queue show 0198c7a2-6b1e-7d3a-9c1f-2f6e5d4c3b2a.example.net'],
    options: [ofTenant],
    run: async (services, [jobId = ''], options) =>
      answer(await find(services, jobId, options), (job) => ({ text: details(job), json: view(job) })),
  },
  {
    usage: 'retry <job>',
    about: 'try a waiting job now',
    examples: ['queue retry 0198c7a2-6b1e-7d3a-9c1f-2f6e5d4c3b2a.example.net'],
    options: [ofTenant],
    run: (services, [jobId = ''], options) => change(services, jobId, 'retry', options),
  },
  {
    usage: 'cancel <job>',
    about: 'give a waiting job up, without telling its sender',
    examples: ['queue cancel 0198c7a2-6b1e-7d3a-9c1f-2f6e5d4c3b2a.example.net'],
    options: [ofTenant],
    run: (services, [jobId = ''], options) => change(services, jobId, 'cancel', options),
  },
];

async function change(
  services: AdminServices,
  jobId: string,
  to: 'retry' | 'cancel',
  options: Options,
): Promise<Outcome<Answer>> {
  const found = await find(services, jobId, options);
  if ('refused' in found) return found;
  const { tenant, state } = found.done;
  if (!(await services.outbound.change(tenant, jobId, to, services.now()))) {
    return refuse(`job ${jobId} has ended already (${state === 'queued' ? 'just now' : state})`);
  }
  const says = to === 'retry' ? 'is tried again now' : 'is cancelled';
  return { done: { text: `job ${jobId} ${says}`, json: { tenant, job: jobId, done: to } } };
}

/** The job, whichever tenant it belongs to unless one is named. */
async function find(services: AdminServices, jobId: string, options: Options): Promise<Outcome<OutboundJob>> {
  const named = await oneTenant(services, options);
  if ('refused' in named) return named;
  const tenants = named.done
    ? [named.done]
    : (await listTenants(services.provision)).map(({ tenant }) => tenant);
  for (const tenant of tenants) {
    const job = await services.outbound.get(tenant, jobId);
    if (job) return { done: job };
  }
  return refuse(`there is no job ${jobId}`);
}

async function oneTenant({ provision }: AdminServices, options: Options) {
  const name = text(options, 'tenant');
  if (name === undefined) return { done: undefined };
  const found = await tenantsNamed(provision, name);
  return 'refused' in found ? found : { done: found.done[0] };
}

function limitOf(options: Options): number {
  const limitText = text(options, 'limit') ?? `${defaultLimit}`;
  const limit = /^\d{1,6}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > maxLimit) throw new UsageError(`--limit is 1 to ${maxLimit}, not '${limitText}'`);
  return limit;
}

function row(job: OutboundJob): readonly string[] {
  const pending = job.recipients.filter(({ state }) => state === 'pending');
  const [first] = pending.length > 0 ? pending : job.recipients;
  const more = (pending.length || job.recipients.length) - 1;
  return [
    job.jobId,
    job.state,
    `${job.attempts}`,
    job.dueAtMs === undefined ? '-' : time(job.dueAtMs),
    job.reversePath || '<>',
    `${first?.address ?? '-'}${more > 0 ? ` and ${more} more` : ''}`,
    (first?.lastReply ?? '-').slice(0, 60),
  ];
}

function details(job: OutboundJob): string {
  const head = facts([
    ['job', job.jobId],
    ['tenant', job.tenant],
    ['state', job.state],
    ['origin', job.origin],
    ['from', job.reversePath || '<>'],
    ['to', job.domain],
    ['size', size(job.body.sizeBytes)],
    ['attempts', `${job.attempts}`],
    ['added', time(job.createdAtMs)],
    ['next attempt', job.dueAtMs === undefined ? undefined : time(job.dueAtMs)],
    ['given up', time(job.expiresAtMs)],
    ['sender warned', job.warnedAtMs === undefined ? undefined : time(job.warnedAtMs)],
  ]);
  const rows = job.recipients.map(({ address, state, lastStatus, lastReply }) => [
    address,
    state,
    lastStatus ?? '-',
    lastReply ?? '-',
  ]);
  return `${head}\n\n${table(['RECIPIENT', 'STATE', 'STATUS', 'LAST ANSWER'], rows)}`;
}

function view(job: OutboundJob) {
  const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  return {
    job: job.jobId,
    tenant: job.tenant,
    state: job.state,
    origin: job.origin,
    messageId: job.messageId,
    from: job.reversePath,
    domain: job.domain,
    sizeBytes: job.body.sizeBytes,
    attempts: job.attempts,
    addedAt: iso(job.createdAtMs),
    dueAt: iso(job.dueAtMs),
    expiresAt: iso(job.expiresAtMs),
    warnedAt: iso(job.warnedAtMs),
    recipients: job.recipients,
  };
}
