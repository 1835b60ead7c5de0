/**
 * Several sessions do random things to one mailbox; each client believes only what it is told.
 * What it believes must be true of every FETCH, and in the end all must believe the same.
 */
import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { after, test } from 'node:test';
import { Connection } from '../../../core/protocol/wire/connection.ts';
import { seededRandom } from '../../support/random.ts';
import { openWorlds, type World } from './world.ts';

const worlds = await openWorlds();
after(() => worlds.close());

interface Known {
  uid: number | undefined;
  flags: string | undefined;
}

/** A client that keeps what it is told, message by message. */
class BelievingClient {
  readonly #connection: Connection;
  readonly session: Promise<void>;
  messages: Known[] = [];
  #tags = 0;

  constructor(world: World) {
    const [server, stream] = duplexPair();
    this.session = world.serve(server, new AbortController().signal);
    this.#connection = new Connection(stream, 5000);
  }

  async command(text: string): Promise<string> {
    const tag = `t${++this.#tags}`;
    this.#believeSilentStore(text);
    await this.#connection.write(`${tag} ${text}\r\n`);
    for (;;) {
      const line = await this.#connection.readLine(1_000_000);
      assert.ok(line.kind === 'line');
      const said = line.octets.toString('latin1');
      if (said.startsWith(`${tag} `)) return said.slice(tag.length + 1);
      this.#believe(said, /^(FETCH|STORE|SEARCH)/.test(text));
    }
  }

  /** Whatever went wrong, no session stays. */
  hangUp(): void {
    this.#connection.destroy();
  }

  async leave(): Promise<void> {
    await this.command('LOGOUT');
    await this.#connection.end();
    await this.session;
  }

  /** Flags that are known, sorted: what the client would show without asking. */
  get shown(): readonly (string | undefined)[] {
    return this.messages.map(({ flags }) => flags?.split(' ').sort().join(' '));
  }

  /** What a client takes for granted after .SILENT, unless it is told otherwise (RFC 3501 6.4.6). */
  #believeSilentStore(text: string): void {
    const [, uid, last, sign, flag = ''] =
      /^(UID )?STORE 1:(\d+) ([+-]?)FLAGS.SILENT \((.*)\)$/.exec(text) ?? [];
    if (last === undefined) return;
    for (const [index, message] of this.messages.entries()) {
      if (uid !== undefined && message.uid === undefined) message.flags = undefined;
      if ((uid === undefined ? index + 1 : (message.uid ?? Number.POSITIVE_INFINITY)) > Number(last))
        continue;
      const others = message.flags?.split(' ').filter((one) => one !== flag && one !== '');
      if (sign === '') message.flags = flag;
      else if (others !== undefined) message.flags = (sign === '+' ? [...others, flag] : others).join(' ');
    }
  }

  #believe(said: string, byNumber: boolean): void {
    const [, number, what, rest = ''] = /^\* (\d+) (EXISTS|EXPUNGE|FETCH)(.*)$/.exec(said) ?? [];
    const seq = Number(number);
    if (what === 'EXISTS') {
      assert.ok(seq >= this.messages.length, 'EXISTS may not shrink a mailbox');
      while (this.messages.length < seq) this.messages.push({ uid: undefined, flags: undefined });
    } else if (what === 'EXPUNGE') {
      assert.ok(!byNumber, 'EXPUNGE during a command by number');
      assert.ok(seq >= 1 && seq <= this.messages.length, 'EXPUNGE of nothing');
      this.messages.splice(seq - 1, 1);
    } else if (what === 'FETCH') {
      this.#believeFetch(seq, rest);
    }
  }

  #believeFetch(seq: number, rest: string): void {
    const message = this.messages[seq - 1];
    assert.ok(message, 'FETCH of nothing');
    const uid = Number(/UID (\d+)/.exec(rest)?.[1]);
    assert.ok(
      message.uid === undefined || message.uid === uid,
      `number ${seq} is ${message.uid}, not ${uid}`,
    );
    message.uid = uid;
    message.flags = /FLAGS \(([^)]*)\)/.exec(rest)?.[1]?.replace(/ ?\\Recent/, '') ?? message.flags;
  }
}

for (const seed of [1, 2, 3, 4]) {
  test(`three clients believe the same in the end, seed ${seed}`, async (context) => {
    const world = worlds.open({ tls: false, insecureAuth: true, quotaBytes: 0, maxAppendOctets: 1000 });
    const chance = seededRandom(seed);
    const random = (below: number) => Math.floor(chance() * below);
    const clients = [new BelievingClient(world), new BelievingClient(world), new BelievingClient(world)];
    context.after(() => {
      for (const client of clients) client.hangUp();
    });
    for (const client of clients) {
      await client.command('LOGIN ann@example.org "se cret"');
      await client.command('SELECT INBOX');
    }
    for (let step = 0; step < 150; step++) {
      const client = clients[random(clients.length)];
      assert.ok(client);
      if (random(8) === 0) await world.deliver(`Subject: ${step}\r\n\r\n${step}\r\n`);
      else if (random(10) === 0) await checkShown(client);
      else await client.command(randomCommand(random, client.messages));
    }
    for (const client of clients) {
      await checkShown(client);
      await client.command('NOOP');
    }
    const [first, ...others] = clients.map(({ messages }) => messages);
    for (const other of others) assert.deepEqual(other, first);
    assert.ok((first?.length ?? 0) > 0);
    await Promise.all(clients.map((client) => client.leave()));
    await world.close();
  });
}

/** Whatever a client shows without asking is so. */
async function checkShown(client: BelievingClient): Promise<void> {
  await client.command('NOOP');
  const { shown } = client;
  await client.command('UID FETCH 1:* (UID FLAGS)');
  const truth = client.shown.map((flags, index) => (shown[index] === undefined ? undefined : flags));
  assert.deepEqual(shown, truth, 'flags that the client was not told of');
}

function randomCommand(random: (below: number) => number, messages: readonly Known[]): string {
  const seq = 1 + random(Math.max(1, messages.length));
  const flag = ['\\Seen', '\\Flagged', '\\Deleted', 'Work'][random(4)];
  const sign = ['+', '-', ''][random(3)];
  const uid = random(2) ? 'UID ' : '';
  const number = uid ? (messages[seq - 1]?.uid ?? 1) : seq;
  switch (random(10)) {
    case 0:
      return `${uid}FETCH ${number}:* (UID FLAGS)`;
    case 1:
    case 2:
      return `${uid}STORE ${number} ${sign}FLAGS (${flag})`;
    case 3:
    case 8:
    case 9:
      return `${uid}STORE 1:${number} ${sign}FLAGS.SILENT (${flag})`;
    case 4:
      return random(3) === 0 ? 'EXPUNGE' : 'NOOP';
    case 5:
      return `${uid}COPY ${number} INBOX`;
    case 6:
      return random(3) === 0 ? `${uid}MOVE ${number} INBOX` : 'NOOP';
    default:
      return `${uid}SEARCH ALL`;
  }
}
