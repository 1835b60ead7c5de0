/**
 * Plays a dialogue file against real sessions over pairs of streams, several on one account.
 * Lines of a file (n is a client's number; a client connects with its first line):
 *   `# ...` comment;  `settings: tls insecure quota=N append=N` first
 *   `MAIL text` a message arrives in INBOX
 *   `Cn: text` sent with CRLF, lines in a row in one write;  `Rn: text` without CRLF
 *   `Sn: text` the next line of the server; `*` at the end means any rest
 *   `Un: text` lines are skipped up to this one
 *   `TLSn` the client's handshake;  `CLOSEDn` the server has hung up;  `HANGUPn` the client does
 *   `DRAIN` the server is about to stop;  `FAIL what` / `HEAL what`: dynamodb, s3, directory
 *   `WAIT ms` time passes;  `ENTRIES n` log entries since the last such line;  `EVENT name` was logged
 * \r \n \0 \t \\ \xNN mean themselves, {{N*x}} is N times x.
 */
import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { connect } from 'node:tls';
import { Connection } from '../../../core/protocol/wire/connection.ts';
import { testCertificate } from '../../../core/protocol/wire/testing/tls.ts';
import type { World, WorldSettings } from './world.ts';

/** Plays the file's text; throws with the line number where the server says something else. */
export async function play(text: string, open: (settings: WorldSettings) => World): Promise<void> {
  const lines = text.split('\n').map((line, at) => ({ line, at: at + 1 }));
  const steps = lines.filter(({ line }) => line.trim() !== '' && !line.startsWith('#'));
  const words = steps[0]?.line.startsWith('settings:') ? (steps.shift()?.line.split(/ +/) ?? []) : [];
  const player = new Player(open(settingsOf(words)));
  try {
    for (const [index, { line, at }] of steps.entries()) {
      try {
        await player.step(line, new RegExp(`^[CR]${line[1]}:`).test(steps[index + 1]?.line ?? ''));
      } catch (error) {
        throw new Error(`line ${at}: ${line}`, { cause: error });
      }
    }
  } finally {
    await player.end();
  }
}

interface Client {
  stream: Duplex;
  connection: Connection;
  readonly session: Promise<void>;
  unsent: string;
}

class Player {
  readonly #world: World;
  readonly #clients = new Map<string, Client>();
  readonly #draining = new AbortController();
  #entriesBefore = 0;

  constructor(world: World) {
    this.#world = world;
  }

  async step(line: string, moreToSend: boolean): Promise<void> {
    const [, kind, name, text = ''] = /^([CRSU])(\d): ?(.*)$/.exec(line) ?? [];
    if (kind === undefined) return this.#direct(line);
    const client = this.#client(name ?? '1');
    if (kind === 'S') return assertSaid(await said(client), unescaped(text));
    if (kind === 'U') return this.#skipTo(client, unescaped(text));
    client.unsent += unescaped(text) + (kind === 'C' ? '\r\n' : '');
    if (moreToSend) return;
    const octets = Buffer.from(client.unsent, 'latin1');
    client.unsent = '';
    await client.connection.write(octets);
  }

  async end(): Promise<void> {
    for (const client of this.#clients.values()) await this.#hangUp(client);
    await this.#world.close();
  }

  async #direct(line: string): Promise<void> {
    const [word = '', ...rest] = line.split(' ');
    const text = rest.join(' ');
    const [, what, name] = /^(TLS|HANGUP|CLOSED)(\d)$/.exec(word) ?? [];
    if (what === 'TLS') return this.#startTls(this.#client(name ?? '1'));
    if (what === 'HANGUP') return this.#hangUp(this.#client(name ?? '1'));
    if (what === 'CLOSED') return this.#closed(this.#client(name ?? '1'));
    switch (word) {
      case 'MAIL':
        return this.#world.deliver(unescaped(text));
      case 'FAIL':
        return this.#world.fail(text);
      case 'HEAL':
        return this.#world.heal(text);
      case 'DRAIN':
        return this.#draining.abort();
      case 'WAIT':
        return this.#world.wait(Number(text));
      case 'ENTRIES':
        return this.#assertEntries(Number(text));
      case 'EVENT':
        return assert.ok(this.#world.events.includes(text), `events: ${this.#world.events.join(' ')}`);
      default:
        throw new Error('not a step');
    }
  }

  async #assertEntries(expected: number): Promise<void> {
    const entries = await this.#world.entries();
    const made = entries - this.#entriesBefore;
    this.#entriesBefore = entries;
    assert.equal(made, expected);
  }

  #client(name: string): Client {
    const known = this.#clients.get(name);
    if (known) return known;
    const [server, stream] = duplexPair();
    const session = this.#world.serve(server, this.#draining.signal);
    const client = { stream, connection: new Connection(stream, 2000), session, unsent: '' };
    this.#clients.set(name, client);
    return client;
  }

  async #skipTo(client: Client, text: string): Promise<void> {
    const skipped: string[] = [];
    for (;;) {
      const line = await said(client).catch((error: unknown) => {
        throw new Error(`never came; instead: ${skipped.join(' | ')}`, { cause: error });
      });
      if (text.endsWith('*') ? line.startsWith(text.slice(0, -1)) : line === text) return;
      skipped.push(line);
    }
  }

  async #closed({ connection, session }: Client): Promise<void> {
    await assert.rejects(connection.readLine(1000), { reason: 'closed' });
    await Promise.all([connection.end(), session]);
  }

  async #hangUp({ connection, session }: Client): Promise<void> {
    await Promise.all([connection.end(), session]);
  }

  async #startTls(client: Client): Promise<void> {
    assert.equal(client.connection.hasInput, false, 'clear text before the handshake');
    client.stream.removeAllListeners();
    client.stream = connect({ socket: client.stream, ca: testCertificate, servername: 'localhost' });
    client.connection = new Connection(client.stream, 2000);
  }
}

async function said({ connection }: Client): Promise<string> {
  const line = await connection.readLine(1_000_000);
  return line.kind === 'line' ? line.octets.toString('latin1') : line.kind;
}

function assertSaid(line: string, text: string): void {
  if (text.endsWith('*')) assert.equal(line.slice(0, text.length - 1), text.slice(0, -1));
  else assert.equal(line, text);
}

function settingsOf(words: readonly string[]): WorldSettings {
  const number = (name: string) =>
    Number(words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? 0);
  return {
    tls: words.includes('tls'),
    insecureAuth: words.includes('insecure'),
    quotaBytes: number('quota'),
    maxAppendOctets: number('append') || 50 * 1024 * 1024,
  };
}

const escapes: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\' };

/** Chars are octets; what is not ASCII in the file stands for its UTF-8. */
function unescaped(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/\{\{(\d+)\*([^}]*)\}\}/g, (_, count: string, what: string) => what.repeat(Number(count)))
    .replace(/\\(r|n|t|0|\\|x[0-9a-f]{2})/g, (_, name: string) =>
      name.startsWith('x')
        ? String.fromCharCode(Number.parseInt(name.slice(1), 16))
        : (escapes[name] ?? name),
    );
}
