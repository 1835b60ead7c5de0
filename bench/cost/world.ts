/**
 * What the measured operations work in: a Postfold in this process, a server where foreign mail
 * goes, accounts to use up, and the measuring of what one action asks of AWS.
 */

import type { Bill } from '../../local/meter.ts';
import { type InProcess, startInProcess, type Task } from '../../test/support/in-process.ts';
import { password } from '../../test/support/postfold.ts';
import { emptyPoll, type TracedRequest } from '../../test/support/request-trace.ts';
import { type Sink, startSink } from '../../test/support/sink.ts';
import { LineClient } from './line-client.ts';
import { messageOf } from './message.ts';
import type { Operation } from './operations.ts';

export { password };

/** What accounts may hold: with a limit, as accounts mostly have, RCPT looks at the log. */
const quotaBytes = 1024 ** 3;

export interface Measured {
  readonly bill: Bill;
  /** As long as the client waited. */
  readonly waitedMs: number;
  /** In order of their end. */
  readonly requests: readonly TracedRequest[];
  /** So many of them had ended when the client had its answer. */
  readonly answered: number;
}

export interface WorldSettings {
  readonly messageBytes: number;
  /** AWS answers as slowly as it does, while something is measured. */
  readonly slow?: (postfold: InProcess) => void;
}

export class World {
  readonly postfold: InProcess;
  readonly sink: Sink;
  /** Where mail comes in. */
  readonly smtp: Task;
  readonly message: Buffer;
  readonly #messageBytes: number;
  readonly #slow: WorldSettings['slow'];
  #accounts = 0;
  #dataTookMs = 0;
  #measured: Measured | undefined;

  private constructor(postfold: InProcess, sink: Sink, smtp: Task, { messageBytes, slow }: WorldSettings) {
    this.postfold = postfold;
    this.sink = sink;
    this.smtp = smtp;
    this.#messageBytes = messageBytes;
    this.message = messageOf(messageBytes);
    this.#slow = slow;
  }

  static async open(settings: WorldSettings): Promise<World> {
    const sink = await startSink();
    const route = { name: '127.0.0.1', port: sink.port, implicitTls: false, verifiedTls: false };
    const postfold = await startInProcess(new Map([['remote.example', route]]));
    return new World(postfold, sink, await postfold.startTask('not-rung'), settings);
  }

  async close(): Promise<void> {
    await this.postfold.close();
    await this.sink.close();
  }

  /** Accounts that nobody has used. */
  async accounts(count: number): Promise<readonly string[]> {
    const addresses = Array.from({ length: count }, () => `user${this.#accounts++}@example.test`);
    await this.postfold.addAccounts(addresses, quotaBytes);
    return addresses;
  }

  async account(): Promise<string> {
    return (await this.accounts(1))[0] ?? '';
  }

  /** An account with `count` messages in INBOX, whose sessions have all ended. */
  async filled(count: number, message = this.message): Promise<string> {
    const user = await this.account();
    const task = await this.postfold.startTask('not-rung');
    const client = await this.imap(task, user);
    for (let n = 0; n < count; n++) await client.imap('APPEND INBOX', message);
    await client.imap('LOGOUT');
    await client.end();
    await task.stop();
    return user;
  }

  /** A logged-in IMAP session. */
  async imap(task: Task, user: string): Promise<LineClient> {
    const client = await LineClient.open(task.ports.imap);
    await client.imap(`LOGIN ${user} "${password}"`);
    return client;
  }

  /** An IMAP task, and a session with INBOX open in it. */
  async inbox(user: string): Promise<LineClient> {
    const client = await this.imap(await this.postfold.startTask('rung'), user);
    await client.imap('SELECT INBOX');
    return client;
  }

  /** Hands a message to port 25, or to the submission port when `login` is given. */
  async deliver(recipients: readonly string[], login?: string): Promise<void> {
    const { ports } = this.smtp;
    const sender = login ?? 'anna.smith@sender.example';
    const message = messageOf(this.#messageBytes, sender);
    const client = await LineClient.open(login === undefined ? ports.smtp : ports.submission);
    await client.say('EHLO client.example', /250/);
    if (login !== undefined) await client.say(`AUTH PLAIN ${plain(login)}`, /235/);
    await client.say(`MAIL FROM:<${sender}> SIZE=${message.length}`, /250/);
    for (const recipient of recipients) await client.say(`RCPT TO:<${recipient}>`, /250/);
    await client.say('DATA', /354/);
    const beganMs = performance.now();
    client.send(message);
    await client.say('.', /250/);
    this.#dataTookMs = performance.now() - beganMs;
    await client.say('QUIT', /221/);
    await client.end();
  }

  /** From the last octets of the last message handed over to its 250. */
  get dataTookMs(): number {
    return this.#dataTookMs;
  }

  /** Runs what is to be measured, once in an operation. */
  async measure(action: () => Promise<unknown>): Promise<void> {
    const { cloud, quiet } = this.postfold;
    await quiet();
    this.#slow?.(this.postfold);
    const before = cloud.meter.snapshot();
    this.postfold.trace.clear();
    const beganMs = performance.now();
    await action();
    const waitedMs = performance.now() - beganMs;
    const answered = this.postfold.trace.requests.length;
    await quiet();
    const requests = [...this.postfold.trace.requests];
    this.#measured = { bill: cloud.meter.since(before), waitedMs, requests, answered };
    cloud.faults.clear();
  }

  /** What `measure` has found; forgets it. */
  takeMeasured(): Measured {
    const measured = this.#measured;
    this.#measured = undefined;
    if (measured === undefined) throw new Error('the operation has measured nothing');
    return measured;
  }
}

/** What goes on without anybody's doing: empty polls, and the tick and the reaper by the clock. */
const disturbance = new RegExp(`^(${emptyPoll}|Invoke tick|Invoke reap)$`);
const maxTries = 3;

/** Runs an operation, and once more if something else happened to go on meanwhile. */
export async function measured(world: World, { name, run }: Operation): Promise<Measured> {
  for (let attempt = 1; ; attempt++) {
    await run(world);
    const found = world.takeMeasured();
    const isDisturbed = found.requests.some((request) => disturbance.test(request.name));
    if (!isDisturbed || attempt === maxTries || name.includes('tick')) return found;
  }
}

function plain(login: string): string {
  return Buffer.from(`\0${login}\0${password}`).toString('base64');
}
