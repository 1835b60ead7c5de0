/**
 * How long a client waits where AWS is as slow as it is, and for which requests one after the
 * other. Run: `npm run latency`, or `npm run latency -- 40` for more rounds.
 */
import type { TracedRequest } from '../../test/support/request-trace.ts';
import { longestChain, medianOf } from './chain.ts';
import { LineClient } from './line-client.ts';
import { messageOf } from './message.ts';
import { slowDown } from './slow-aws.ts';
import { password, World } from './world.ts';

interface Wait {
  readonly name: string;
  readonly targetMs?: number;
  /** Makes ready once, and gives what is done each round; the round's own time when it measures itself. */
  readonly prepare: (world: World) => Promise<() => Promise<number | undefined>>;
}

const small = messageOf(5_000);

const waits: readonly Wait[] = [
  {
    name: 'DATA to 250, 75 KB',
    targetMs: 90,
    prepare: async (world) => async () => {
      const user = await world.account();
      await world.measure(() => world.deliver([user]));
      return world.dataTookMs;
    },
  },
  {
    name: 'LOGIN + SELECT + FETCH of 50 envelopes, cold task',
    targetMs: 120,
    prepare: async (world) => {
      const user = await world.filled(50, small);
      return async () => {
        const { ports, stop } = await world.postfold.startTask('rung');
        const client = await LineClient.open(ports.imap);
        await world.measure(() => openInbox(client, user));
        await client.end();
        await stop();
        return undefined;
      };
    },
  },
  {
    name: 'LOGIN + SELECT + FETCH of 50 envelopes, warm task',
    targetMs: 40,
    prepare: async (world) => {
      const user = await world.filled(50, small);
      const { ports } = await world.postfold.startTask('rung');
      await openInbox(await LineClient.open(ports.imap), user);
      return async () => {
        const client = await LineClient.open(ports.imap);
        await world.measure(() => openInbox(client, user));
        await client.end();
        return undefined;
      };
    },
  },
  eachOnce('FETCH BODY[], 75 KB, record and body not yet read', 40, 'FETCH 1 BODY[]'),
  eachOnce('STORE of one flag', 15, 'STORE 1 +FLAGS (\\Flagged)'),
  eachOnce('MOVE of one message', undefined, 'MOVE 1 Archive'),
  {
    name: 'APPEND, 75 KB',
    prepare: async (world) => {
      const client = await world.inbox(await world.account());
      return async () => {
        await world.measure(() => client.imap('APPEND Sent', world.message));
        return undefined;
      };
    },
  },
  {
    name: 'POP3: PASS',
    prepare: async (world) => {
      const user = await world.filled(1);
      return async () => {
        const { ports, stop } = await world.postfold.startTask('not-rung');
        const client = await LineClient.open(ports.pop3);
        await client.say(`USER ${user}`, /^\+OK/);
        await world.measure(() => client.say(`PASS ${password}`, /^\+OK/));
        await client.end();
        await stop();
        return undefined;
      };
    },
  },
];

/** One command on a message that nobody has touched. */
function eachOnce(name: string, targetMs: number | undefined, command: string): Wait {
  return {
    name,
    ...(targetMs === undefined ? {} : { targetMs }),
    prepare: async (world) => async () => {
      const user = await world.filled(1);
      const { ports, stop } = await world.postfold.startTask('rung');
      const client = await LineClient.open(ports.imap);
      await client.imap(`LOGIN ${user} "${password}"`);
      await client.imap('SELECT INBOX');
      await world.measure(() => client.imap(command));
      await client.end();
      await stop();
      return undefined;
    },
  };
}

async function openInbox(client: LineClient, user: string): Promise<void> {
  await client.imap(`LOGIN ${user} "${password}"`);
  await client.imap('SELECT INBOX');
  await client.imap('FETCH 1:* (UID FLAGS ENVELOPE)');
}

const rounds = Number(process.argv[2] ?? 15);
const world = await World.open({ messageBytes: 75_000, slow: slowDown });
try {
  for (const wait of waits) console.log(await told(wait));
} finally {
  await world.close();
}

async function told({ name, targetMs, prepare }: Wait): Promise<string> {
  const round = await prepare(world);
  const tookMs: number[] = [];
  const chains = new Map<string, number>();
  for (let n = 0; n < rounds; n++) {
    const own = await round();
    const { waitedMs, requests: all, answered } = world.takeMeasured();
    const requests = all.slice(0, answered);
    tookMs.push(own ?? waitedMs);
    const chain = chainOf(own === undefined ? requests : afterData(requests));
    chains.set(chain, (chains.get(chain) ?? 0) + 1);
  }
  const p50 = atShare(tookMs, 0.5);
  const chain = [...chains].sort(([, one], [, other]) => other - one)[0]?.[0] ?? '';
  const target = targetMs === undefined ? '' : ` | ${targetMs} ${p50 < targetMs ? 'met' : 'MISSED'}`;
  const waitsMs = Math.round(medianOf(chain.split(' > ')));
  return `| ${name} | ${p50} | ${atShare(tookMs, 0.9)} | ${waitsMs}${target || ' |'} | ${chain} |`;
}

function chainOf(requests: readonly TracedRequest[]): string {
  const { names } = longestChain(requests);
  const isInvoked = requests.some(({ name }) => name === 'Invoke ingest');
  return [...(isInvoked ? ['Invoke ingest'] : []), ...names].join(' > ');
}

/** Recipients were looked up before the message came. */
function afterData(requests: readonly TracedRequest[]): readonly TracedRequest[] {
  const invoked = requests.find(({ name }) => name === 'Invoke ingest');
  return requests.filter(({ beganMs }) => beganMs >= (invoked?.beganMs ?? 0));
}

function atShare(tookMs: readonly number[], share: number): number {
  const sorted = tookMs.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
}
