/**
 * Plays a dialogue file against a real session over a pair of streams. Lines of a file:
 *   `# ...` comment;  `settings: mode=mx tls max=1000 insecure postmaster` first
 *   `C: text` what the client sends, with CRLF; lines in a row go out in one write
 *   `R: text` the same without CRLF; \r \n \0 \xNN \\ mean themselves in C and R, and {N*x} N times x
 *   `S: text` the next line of the server; `*` at the end means any rest
 *   `TLS` the client's handshake;  `CLOSED` the server has hung up
 *   `WAITED n` the server has slept n ms in all;  `M: from to[,to] text` the next message taken
 */
import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { connect } from 'node:tls';
import { formatAddress, parseAddress } from '../../../mail/address.ts';
import type { Clock } from '../../../mail/ports/clock.ts';
import { Connection } from '../../wire/connection.ts';
import { testCertificate, testTls } from '../../wire/testing/tls.ts';
import { serveSmtp } from '../session.ts';
import type { SmtpSettings } from '../settings.ts';
import { MemoryBackend } from './memory-backend.ts';

/** Plays the file's text; throws with the line number where the server says something else. */
export async function play(text: string): Promise<void> {
  const lines = text.split('\n').map((line, at) => ({ line, at: at + 1 }));
  const steps = lines.filter(({ line }) => line.trim() !== '' && !line.startsWith('#'));
  const words = steps[0]?.line.startsWith('settings:')
    ? (steps.shift()?.line.split(/ +/).slice(1) ?? [])
    : [];
  const player = new Player(settingsOf(words));
  for (const [index, { line, at }] of steps.entries()) {
    try {
      await player.step(line, /^[CR]:/.test(steps[index + 1]?.line ?? ''));
    } catch (error) {
      throw new Error(`line ${at}: ${line}`, { cause: error });
    }
  }
  await player.end();
}

function settingsOf(words: readonly string[]): SmtpSettings {
  const value = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const mode = value('mode');
  const postmaster = parseAddress('boss@example.org');
  return {
    mode: mode === 'submission' || mode === 'submissions' ? mode : 'mx',
    hostname: 'mx.example.org',
    maxMessageOctets: Number(value('max') ?? 100_000),
    insecureAuth: words.includes('insecure'),
    ...(words.includes('tls') ? { tls: testTls } : {}),
    ...(words.includes('postmaster') && postmaster ? { postmaster } : {}),
  };
}

class Player {
  readonly #backend = new MemoryBackend();
  readonly #clock = new EagerClock();
  readonly #session: Promise<void>;
  readonly #draining = new AbortController();
  #client: Connection;
  #stream: Duplex;
  readonly #server: Duplex;
  #unsent = '';
  #messages = 0;

  constructor(settings: SmtpSettings) {
    const [server, client] = duplexPair();
    this.#stream = client;
    this.#server = server;
    this.#client = new Connection(client, 2000);
    const dependencies = { backend: this.#backend, clock: this.#clock, observe: () => {} };
    this.#session = serveSmtp(server, '192.0.2.1', dependencies, settings, this.#draining.signal);
  }

  async step(line: string, moreToSend: boolean): Promise<void> {
    const rest = line.slice(3);
    if (line.startsWith('C:')) return this.#say(`${unescaped(rest)}\r\n`, moreToSend);
    if (line.startsWith('R:')) return this.#say(unescaped(rest), moreToSend);
    if (line.startsWith('S:')) return this.#expect(rest);
    if (line === 'TLS') return this.#startTls();
    if (line === 'DRAIN') return this.#draining.abort();
    if (line === 'CLOSED')
      return void (await assert.rejects(this.#client.readLine(1000), { reason: 'closed' }));
    if (line.startsWith('WAITED ')) return assert.equal(this.#clock.waitedMs, Number(line.slice(7)));
    if (line.startsWith('M:')) return this.#message(rest);
    throw new Error('not a step');
  }

  async end(): Promise<void> {
    assert.equal(this.#backend.taken.length, this.#messages, 'messages taken');
    // TLS over a pair of streams does not pass its end on; over sockets it does
    const closed = this.#client.encrypted ? this.#server.destroy() : this.#client.end();
    await Promise.all([closed, this.#session]);
  }

  async #say(text: string, moreToSend: boolean): Promise<void> {
    this.#unsent += text;
    if (moreToSend) return;
    const octets = Buffer.from(this.#unsent, 'latin1');
    this.#unsent = '';
    await this.#client.write(octets);
  }

  async #expect(text: string): Promise<void> {
    const line = await this.#client.readLine(1000);
    const said = line.kind === 'line' ? line.octets.toString() : line.kind;
    if (text.endsWith('*')) assert.equal(said.slice(0, text.length - 1), text.slice(0, -1));
    else assert.equal(said, text);
  }

  async #startTls(): Promise<void> {
    assert.equal(this.#client.hasInput, false, 'clear text before the handshake');
    const plain = this.#stream;
    plain.removeAllListeners();
    const secure = connect({ socket: plain, ca: testCertificate, servername: 'localhost' });
    this.#stream = secure;
    this.#client = new Connection(secure, 2000);
  }

  #message(text: string): void {
    const message = this.#backend.taken[this.#messages];
    this.#messages += 1;
    assert.ok(message, 'no further message was taken');
    const from = message.mail.reversePath ? formatAddress(message.mail.reversePath) : '<>';
    const octets = escaped(message.octets.toString('latin1'));
    assert.equal(`${from} ${message.recipients.join(',')} ${octets}`, text);
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

/** Chars are octets; what is not ASCII in the file is sent as UTF-8. */
function unescaped(text: string): string {
  const octets = Buffer.from(text, 'utf8').toString('latin1');
  const repeated = octets.replace(/\{(\d+)\*([^}]*)\}/g, (_, count: string, what: string) =>
    what.repeat(Number(count)),
  );
  return repeated.replace(/\\(r|n|0|\\|x[0-9a-f]{2})/g, (_, name: string) => {
    if (name.startsWith('x')) return String.fromCharCode(Number.parseInt(name.slice(1), 16));
    return { r: '\r', n: '\n', '0': '\0', '\\': '\\' }[name] ?? name;
  });
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}
