/**
 * Plays a dialogue file against real sessions over pairs of streams, several on one account.
 * Lines of a file (n is a client's number; without one it is client 1; a client connects with its first line):
 *   `# ...` comment;  `settings: tls insecure` first
 *   `MAIL text` a message arrives in INBOX;  `GONE uid` another session expunges it
 *   `Cn: text` sent with CRLF, lines in a row in one write;  `Rn: text` without CRLF
 *   `Sn: text` the next line of the server; `*` at the end means any rest
 *   `TLSn` the client's handshake;  `CLOSEDn` the server has hung up;  `HANGUPn` the client does;  `DRAIN` the server is about to stop
 *   `FAIL what` / `HEAL what`: open, commit, records, read, second-chunk, directory
 *   `WAITED ms` all delays so far;  `ENTRIES n` log entries since the last MAIL;  `EVENT name` was reported
 * \r \n \0 \t \\ \xNN mean themselves, {N*x} is N times x.
 */
import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { connect } from 'node:tls';
import type { Clock } from '../../../mail/ports/clock.ts';
import type { Identity } from '../../../mail/ports/directory.ts';
import { Connection } from '../../wire/connection.ts';
import { testCertificate, testTls } from '../../wire/testing/tls.ts';
import type { Pop3Deps } from '../context.ts';
import { servePop3 } from '../session.ts';
import { MemoryAccount } from './memory-account.ts';

/** Plays the file's text; throws with the line number where the server says something else. */
export async function play(text: string): Promise<void> {
  const lines = text.split('\n').map((line, at) => ({ line, at: at + 1 }));
  const steps = lines.filter(({ line }) => line.trim() !== '' && !line.startsWith('#'));
  const words = steps[0]?.line.startsWith('settings:') ? (steps.shift()?.line.split(/ +/) ?? []) : [];
  const player = new Player(words.includes('tls'), words.includes('insecure'));
  for (const [index, { line, at }] of steps.entries()) {
    try {
      await player.step(line, /^[CR]\d?:/.test(steps[index + 1]?.line ?? ''));
    } catch (error) {
      throw new Error(`line ${at}: ${line}`, { cause: error });
    }
  }
  await player.end();
}

interface Client {
  stream: Duplex;
  connection: Connection;
  readonly session: Promise<void>;
  unsent: string;
}

class Player {
  readonly #account = new MemoryAccount();
  readonly #clock = new EagerClock();
  readonly #events: string[] = [];
  readonly #clients = new Map<string, Client>();
  readonly #draining = new AbortController();
  readonly #deps: Pop3Deps;
  #entriesBefore = 0;

  constructor(tls: boolean, insecureAuth: boolean) {
    this.#deps = {
      directory: { authenticate: (login, password) => this.#authenticate(login, password) },
      accounts: this.#account,
      clock: this.#clock,
      insecureAuth,
      onEvent: ({ event }) => this.#events.push(event),
      ...(tls ? { tls: testTls } : {}),
    };
  }

  async step(line: string, moreToSend: boolean): Promise<void> {
    const [, kind, client, text] = /^([CRS])(\d?): ?(.*)$/.exec(line) ?? [];
    if (kind === undefined) return this.#direct(line);
    const one = this.#client(client || '1');
    if (kind === 'S') return this.#expect(one, unescaped(text ?? ''));
    one.unsent += unescaped(text ?? '') + (kind === 'C' ? '\r\n' : '');
    if (moreToSend) return;
    const octets = Buffer.from(one.unsent, 'latin1');
    one.unsent = '';
    await one.connection.write(octets);
  }

  async end(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => this.#hangUp(client)));
    assert.equal(this.#account.holders, 0, 'an account was not released');
  }

  async #direct(line: string): Promise<void> {
    const [word = '', ...rest] = line.split(' ');
    const text = rest.join(' ');
    if (word.startsWith('TLS')) return this.#startTls(this.#client(word.slice(3) || '1'));
    if (word.startsWith('HANGUP')) return this.#hangUp(this.#client(word.slice(6) || '1'));
    if (word.startsWith('CLOSED')) return this.#closed(this.#client(word.slice(6) || '1'));
    switch (word) {
      case 'MAIL':
        this.#account.deliver(unescaped(text));
        this.#entriesBefore = this.#account.entries.length;
        return;
      case 'GONE':
        return this.#account.expungeElsewhere(Number(text));
      case 'FAIL':
        return void this.#account.failing.add(text);
      case 'HEAL':
        return void this.#account.failing.delete(text);
      case 'DRAIN':
        return this.#draining.abort();
      case 'WAITED':
        return assert.equal(this.#clock.waitedMs, Number(text));
      case 'ENTRIES':
        return assert.equal(this.#account.entries.length - this.#entriesBefore, Number(text));
      case 'EVENT':
        return assert.ok(this.#events.includes(text), `events: ${this.#events.join(' ')}`);
      default:
        throw new Error('not a step');
    }
  }

  #client(name: string): Client {
    const known = this.#clients.get(name);
    if (known) return known;
    const [server, stream] = duplexPair();
    const session = servePop3(this.#deps, new Connection(server, 2000), '192.0.2.1', this.#draining.signal);
    const client = { stream, connection: new Connection(stream, 2000), session, unsent: '' };
    this.#clients.set(name, client);
    return client;
  }

  async #expect({ connection }: Client, text: string): Promise<void> {
    const line = await connection.readLine(100_000);
    const said = line.kind === 'line' ? line.octets.toString('latin1') : line.kind;
    if (text.endsWith('*')) assert.equal(said.slice(0, text.length - 1), text.slice(0, -1));
    else assert.equal(said, text);
  }

  async #closed(client: Client): Promise<void> {
    await assert.rejects(client.connection.readLine(1000), { reason: 'closed' });
    await this.#hangUp(client);
  }

  async #hangUp({ connection, session, stream }: Client): Promise<void> {
    const ended = connection.end();
    await session;
    stream.destroy(); // the server has closed, which a pair in memory does not always say
    await ended;
  }

  async #startTls(client: Client): Promise<void> {
    assert.equal(client.connection.hasInput, false, 'clear text before the handshake');
    client.stream.removeAllListeners();
    client.stream = connect({ socket: client.stream, ca: testCertificate, servername: 'localhost' });
    client.connection = new Connection(client.stream, 2000);
  }

  async #authenticate(login: string, password: string): Promise<Identity | undefined> {
    if (this.#account.failing.has('directory')) throw new Error('the directory is down');
    if (login.toLowerCase() !== 'ann@example.org' || password !== 'se cret') return undefined;
    return { account: this.#account.key, login: 'ann@example.org', quotaBytes: 0 };
  }
}

/** Nobody waits: time jumps to whatever is asked for. */
class EagerClock implements Clock {
  waitedMs = 0;
  now(): number {
    return this.waitedMs;
  }
  after(delayMs: number, callback: () => void): () => void {
    this.waitedMs += delayMs;
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  }
}

const escapes: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\' };

/** Chars are octets; what is not ASCII in the file stands for its UTF-8. */
function unescaped(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/\{(\d+)\*([^}]*)\}/g, (_, count: string, what: string) => what.repeat(Number(count)))
    .replace(/\\(r|n|t|0|\\|x[0-9a-f]{2})/g, (_, name: string) =>
      name.startsWith('x')
        ? String.fromCharCode(Number.parseInt(name.slice(1), 16))
        : (escapes[name] ?? name),
    );
}
