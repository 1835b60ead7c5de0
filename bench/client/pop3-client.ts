/** A POP3 client that counts the octets of messages and keeps none of them. */
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { openWire, type Place } from './wire.ts';

const endOfText = Buffer.from('\r\n.\r\n');
const tailOctets = endOfText.length - 1;

type Pending = {
  readonly multiline: boolean;
  readonly resolve: (answer: { readonly status: string; readonly octets: number }) => void;
  readonly reject: (error: Error) => void;
  status: string | undefined;
  octets: number;
  /** The last octets seen, in which the end may have begun. */
  tail: Buffer;
};

export class Pop3Client {
  #socket: Socket | undefined;
  #pending: Pending | undefined;
  #gone: Error | undefined;

  /** Connected and logged in. */
  static async open(place: Place, user: string, password: string): Promise<Pop3Client> {
    const client = new Pop3Client();
    const greeting = client.#answer(false);
    greeting.catch(() => {});
    client.#socket = await openWire(
      place,
      (chunk) => client.#take(chunk),
      (error) => client.#fail(error),
    );
    await greeting;
    await client.ask(`USER ${user}`);
    await client.ask(`PASS ${password}`);
    return client;
  }

  /** Rejects on -ERR. `octets`: of a multi-line answer, its status line and end included. */
  ask(command: string, multiline = false): Promise<{ readonly status: string; readonly octets: number }> {
    const answer = this.#answer(multiline);
    this.#socket?.write(`${command}\r\n`);
    return answer;
  }

  async close(): Promise<void> {
    await this.ask('QUIT').catch(() => undefined);
    this.#socket?.destroy();
  }

  #answer(multiline: boolean): ReturnType<Pop3Client['ask']> {
    if (this.#gone) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      this.#pending = { multiline, resolve, reject, status: undefined, octets: 0, tail: Buffer.alloc(0) };
    });
  }

  #take(chunk: Buffer): void {
    const pending = this.#pending;
    if (!pending) return;
    const seen = pending.tail.length === 0 ? chunk : Buffer.concat([pending.tail, chunk]);
    pending.octets += chunk.length;
    if (pending.status === undefined) {
      const end = seen.indexOf('\r\n');
      if (end < 0) {
        pending.tail = seen;
        return;
      }
      pending.status = seen.toString('latin1', 0, end);
    }
    const refused = pending.status.startsWith('-ERR');
    if (!refused && pending.multiline && !endsText(seen)) {
      pending.tail = Buffer.from(seen.subarray(-tailOctets));
      return;
    }
    this.#pending = undefined;
    if (refused) pending.reject(new Error(pending.status));
    else pending.resolve({ status: pending.status, octets: pending.octets });
  }

  #fail(error: Error): void {
    this.#gone = error;
    this.#pending?.reject(error);
  }
}

/** One command at a time, so the end of the text is the end of what has come. */
function endsText(seen: Buffer): boolean {
  return seen.subarray(-endOfText.length).equals(endOfText);
}
