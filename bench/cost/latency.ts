/**
 * How long a client waits where AWS is as slow as it is, and for which requests one after the
 * other. Run: `npm run latency`, or `npm run latency -- 40` for more rounds.
 */
import { longestChain } from './chain.ts';
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
  for (const { name, targetMs, prepare } of waits) {
    const round = await prepare(world);
    const tookMs: number[] = [];
    let chain: readonly string[] = [];
    for (let n = 0; n < rounds; n++) {
      const own = await round();
      const { waitedMs, requests } = world.takeMeasured();
      tookMs.push(own ?? waitedMs);
      chain = longestChain(requests).names;
    }
    tookMs.sort((a, b) => a - b);
    const [p50, p90] = [0.5, 0.9].map((share) => Math.round(tookMs[Math.floor(share * (rounds - 1))] ?? 0));
    const verdict =
      targetMs === undefined ? '' : `, target ${targetMs}: ${(p50 ?? 0) < targetMs ? 'met' : 'MISSED'}`;
    console.log(`${name}: p50 ${p50} ms, p90 ${p90} ms${verdict}\n    ${chain.join(' > ')}`);
  }
} finally {
  await world.close();
}
