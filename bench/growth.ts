/**
 * How the cost of an operation grows with the mailbox: time and requests to AWS of one operation,
 * on one mailbox that is copied onto itself until it is as large as asked. Postfold alone.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ImapClient } from './client/imap-client.ts';
import type { MailMaker } from './mail.ts';
import type { Progress } from './progress.ts';
import { Random } from './random.ts';
import { figure, median, table } from './report.ts';
import { copyUpTo, fill } from './scenarios/fill.ts';
import { end } from './servers/daemon.ts';
import { password, reader, type Server } from './servers/server.ts';

export interface Grown {
  readonly operation: string;
  /** Messages in the mailbox. */
  readonly size: number;
  /** Median, as the client waits. */
  readonly ms: number;
  /** To AWS, per operation. */
  readonly requests: number;
}

const mailbox = 'grown';
const smallest = 1000;

interface Operation {
  readonly name: string;
  readonly times: number;
  readonly run: (client: ImapClient, size: number, random: Random) => Promise<unknown>;
}

export async function growth(
  folder: string,
  sizes: readonly number[],
  mail: MailMaker,
  progress: Progress,
): Promise<readonly Grown[]> {
  const own = join(folder, 'growth');
  mkdirSync(own);
  const child = fork(join(import.meta.dirname, 'servers/metered.ts'), [own], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    const { imap } = await told<{ imap: number }>(child);
    const server: Server = { name: 'postfold', version: '', imap, roots: [], stop: async () => {} };
    const first = Math.min(smallest, ...sizes);
    await fill(server, { mailbox, count: first }, mail, (done) =>
      progress.show(`growth: ${done}/${first}`, done === first),
    );
    const results: Grown[] = [];
    let size = first;
    for (const wanted of sizes.toSorted((a, b) => a - b)) {
      await copyUpTo(server, { mailbox, count: size }, { mailbox, count: wanted }, size, (done) =>
        progress.show(`growth: ${done}/${wanted}`, done === wanted),
      );
      size = wanted;
      results.push(...(await measureAt(server, child, wanted, mail, progress)));
    }
    return results;
  } finally {
    if (child.pid !== undefined) await end(child.pid);
  }
}

function operationsOf(server: Server, mail: MailMaker): readonly Operation[] {
  const one = (size: number, random: Random) => 1 + random.below(size);
  const message = mail.sized(0, 4096);
  return [
    {
      name: 'SELECT, fresh connection',
      times: 5,
      run: async () => {
        const client = await login(server);
        await client.select(mailbox);
        await client.close();
      },
    },
    { name: 'SELECT warm', times: 20, run: (client) => client.select(mailbox) },
    { name: 'NOOP', times: 50, run: (client) => client.ask('NOOP') },
    {
      name: 'FETCH FLAGS of one',
      times: 50,
      run: (client, size, random) => client.ask(`FETCH ${one(size, random)} FLAGS`),
    },
    {
      name: 'FETCH BODY[] of one',
      times: 50,
      run: (client, size, random) => client.ask(`FETCH ${one(size, random)} BODY.PEEK[]`),
    },
    { name: 'FETCH 1:* (UID FLAGS)', times: 3, run: (client) => client.ask('FETCH 1:* (UID FLAGS)') },
    {
      name: 'STORE of one',
      times: 50,
      run: (client, size, random) => client.ask(`STORE ${one(size, random)} FLAGS (\\Flagged)`),
    },
    {
      name: 'STORE 1:*',
      times: 3,
      run: (client, _, random) => client.ask(`STORE 1:* FLAGS.SILENT (k${random.below(1e6)})`),
    },
    { name: 'APPEND 4 KB', times: 20, run: (client) => client.append(mailbox, message) },
  ];
}

async function measureAt(
  server: Server,
  child: ChildProcess,
  size: number,
  mail: MailMaker,
  progress: Progress,
): Promise<readonly Grown[]> {
  const client = await login(server);
  const results: Grown[] = [];
  const random = new Random(size);
  await client.select(mailbox);
  for (const { name, times, run } of operationsOf(server, mail)) {
    progress.show(`growth at ${size}: ${name}`);
    const before = await requestsOf(child);
    const taken: number[] = [];
    for (let n = 0; n < times; n += 1) {
      const start = performance.now();
      await run(client, size, random);
      taken.push(performance.now() - start);
    }
    const requests = ((await requestsOf(child)) - before) / times;
    results.push({ operation: name, size, ms: median(taken), requests });
  }
  await client.close();
  return results;
}

function login(server: Server): Promise<ImapClient> {
  return ImapClient.login({ port: server.imap ?? 0 }, reader, password);
}

async function requestsOf(child: ChildProcess): Promise<number> {
  child.send('requests');
  return (await told<{ requests: number }>(child)).requests;
}

async function told<Message>(child: ChildProcess): Promise<Message> {
  const failed = once(child, 'exit').then(() => {
    throw new Error('the metered Postfold ended');
  });
  const [message] = await Promise.race([once(child, 'message'), failed]);
  return message as Message;
}

/** A row per operation, a column per size: milliseconds, and requests in parentheses. */
export function growthTable(results: readonly Grown[]): string {
  const sizes = [...new Set(results.map(({ size }) => size))];
  const byOperation = Map.groupBy(results, ({ operation }) => operation);
  const rows = [...byOperation].map(([operation, cells]) => [
    operation,
    ...cells.map(({ ms, requests }) => `${figure(ms)} (${figure(requests)})`),
  ]);
  return table(
    ['ms (requests) of one operation', ...sizes.map((size) => size.toLocaleString('en-US'))],
    rows,
    1,
  );
}
