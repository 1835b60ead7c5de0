/**
 * An IMAP client for load: it counts FETCH responses, skips literals without copying, and keeps
 * the other untagged lines. One command at a time, except APPENDs that are sent ahead.
 */
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { openWire, type Place } from './wire.ts';

export interface ImapReply {
  /** From `OK` on. */
  readonly text: string;
  /** Untagged lines that are no FETCH, without the asterisk. */
  readonly untagged: readonly string[];
  readonly fetches: number;
  readonly octets: number;
}

type Waiting = {
  readonly tag: string;
  readonly resolve: (reply: ImapReply) => void;
  readonly reject: (error: Error) => void;
};

const lineFeed = 10;
const closingBrace = 125;
const asterisk = 42;
const plus = 43;
const digitZero = 48;
const digitNine = 57;
const letterF = 70;
const letterE = 69;

export class ImapClient {
  /** Called for every EXISTS, inside a command or not. */
  onExists: (count: number) => void = () => {};
  #socket: Socket | undefined;
  #count = 0;
  readonly #waiting: Waiting[] = [];
  #goAhead: (() => void) | undefined;
  #gone: Error | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #literalLeft = 0;
  /** Inside a response whose literal is over and whose line goes on. */
  #continued = false;
  #untagged: string[] = [];
  #fetches = 0;
  #octets = 0;

  /** Connected and greeted. */
  static async open(place: Place): Promise<ImapClient> {
    const client = new ImapClient();
    const greeting = client.#answer('*');
    greeting.catch(() => {});
    client.#socket = await openWire(
      place,
      (chunk) => client.#take(chunk),
      (error) => client.#fail(error),
    );
    await greeting;
    return client;
  }

  static async login(place: Place, user: string, password: string): Promise<ImapClient> {
    const client = await ImapClient.open(place);
    await client.ask(`LOGIN "${user}" "${password}"`);
    return client;
  }

  /** Rejects unless the server says OK. */
  ask(command: string): Promise<ImapReply> {
    const tag = this.#tag();
    const reply = this.#answer(tag);
    this.#socket?.write(`${tag} ${command}\r\n`);
    return reply;
  }

  /** How many messages the mailbox has. */
  async select(mailbox: string): Promise<number> {
    const { untagged } = await this.ask(`SELECT "${mailbox}"`);
    const exists = untagged.find((line) => line.endsWith(' EXISTS'));
    if (exists === undefined) throw new Error(`SELECT ${mailbox} without EXISTS`);
    return Number.parseInt(exists, 10);
  }

  /** The server must offer LITERAL+ (RFC 7888). Several may be under way on one connection. */
  append(mailbox: string, message: Buffer, flags = ''): Promise<ImapReply> {
    const tag = this.#tag();
    const reply = this.#answer(tag);
    this.#socket?.cork();
    this.#socket?.write(`${tag} APPEND "${mailbox}" (${flags}) {${message.length}+}\r\n`);
    this.#socket?.write(message);
    this.#socket?.write('\r\n');
    this.#socket?.uncork();
    return reply;
  }

  /** Resolves when the server has said that it idles; what it returns ends that. */
  async idle(): Promise<() => Promise<unknown>> {
    const tag = this.#tag();
    const reply = this.#answer(tag);
    const idling = new Promise<void>((resolve) => {
      this.#goAhead = resolve;
    });
    this.#socket?.write(`${tag} IDLE\r\n`);
    await Promise.race([idling, reply]);
    return () => {
      this.#socket?.write('DONE\r\n');
      return reply;
    };
  }

  async close(): Promise<void> {
    await this.ask('LOGOUT').catch(() => undefined);
    this.#socket?.destroy();
  }

  destroy(): void {
    this.#socket?.destroy();
  }

  #tag(): string {
    this.#count += 1;
    return `b${this.#count}`;
  }

  #answer(tag: string): Promise<ImapReply> {
    if (this.#gone) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => this.#waiting.push({ tag, resolve, reject }));
  }

  #take(chunk: Buffer): void {
    this.#octets += chunk.length;
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const skipped = Math.min(this.#literalLeft, data.length - at);
      this.#literalLeft -= skipped;
      at += skipped;
      const end = data.indexOf(lineFeed, at);
      if (end < 0) break;
      this.#line(data, at, end - 1);
      at = end + 1;
    }
    this.#rest = data.subarray(at);
  }

  #line(data: Buffer, start: number, end: number): void {
    const inside = this.#continued;
    this.#literalLeft = literalAfter(data, start, end);
    this.#continued = this.#literalLeft > 0;
    if (inside) return;
    const greeting = this.#waiting[0]?.tag === '*';
    if (data[start] === plus) this.#goAhead?.();
    else if (data[start] === asterisk && !greeting) this.#untaggedLine(data, start + 2, end);
    else this.#tagged(data.toString('latin1', start, end));
  }

  #untaggedLine(data: Buffer, start: number, end: number): void {
    if (isFetch(data, start)) {
      this.#fetches += 1;
      return;
    }
    const line = data.toString('latin1', start, end);
    this.#untagged.push(line);
    if (line.endsWith(' EXISTS')) this.onExists(Number.parseInt(line, 10));
  }

  #tagged(line: string): void {
    const waiting = this.#waiting[0];
    if (waiting === undefined || !line.startsWith(`${waiting.tag} `)) return;
    this.#waiting.shift();
    const text = line.slice(waiting.tag.length + 1);
    const reply = { text, untagged: this.#untagged, fetches: this.#fetches, octets: this.#octets };
    this.#untagged = [];
    this.#fetches = 0;
    this.#octets = 0;
    if (text.startsWith('OK')) waiting.resolve(reply);
    else waiting.reject(new Error(text));
  }

  #fail(error: Error): void {
    this.#gone = error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}

/** `{123}` at the end of a line announces so many octets (RFC 9051 4.3). */
function literalAfter(data: Buffer, start: number, end: number): number {
  if (data[end - 1] !== closingBrace) return 0;
  const digits = /\{(\d+)\}$/.exec(data.toString('latin1', Math.max(start, end - 14), end));
  return digits === null ? 0 : Number(digits[1]);
}

/** `12 FETCH`, told from `12 EXISTS` by two octets. */
function isFetch(data: Buffer, start: number): boolean {
  let at = start;
  while ((data[at] ?? 0) >= digitZero && (data[at] ?? 0) <= digitNine) at += 1;
  return at > start && data[at + 1] === letterF && data[at + 2] === letterE;
}
