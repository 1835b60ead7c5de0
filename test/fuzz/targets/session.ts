/** A whole session over streams in memory: the input in pieces from the client, then its end. */

import type { Duplex } from 'node:stream';
import { duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../../core/mail/ports/clock.ts';

/** What the server said. `tick` moves a clock that stands still; `serve` ends when the session does. */
export async function converse(
  whole: Buffer,
  serve: (stream: Duplex) => Promise<void>,
  tick: () => Promise<void> = async () => void (await turn()),
): Promise<Buffer> {
  const input = cutAfter(whole, maxLines);
  const [server, client] = duplexPair();
  const heard: Buffer[] = [];
  client.on('data', (chunk: Buffer) => heard.push(chunk));
  const state = { over: false };
  const ended = serve(server).finally(() => {
    state.over = true;
  });
  ended.catch(() => {}); // awaited below
  const step = input.length < 2000 ? 1 + (input.length % 97) : 4096;
  for (let at = 0; at < input.length && !state.over; at += step) {
    client.write(input.subarray(at, at + step));
    if (at % 5 === 0) await turn();
  }
  client.end();
  while (!state.over) await tick();
  await ended;
  await turn();
  client.destroy();
  server.destroy();
  return Buffer.concat(heard);
}

/** As many good commands as fit into 1 MB keep any server busy for more than a second; each has its turn. */
const maxLines = 5000;

function cutAfter(input: Buffer, lines: number): Buffer {
  let end = 0;
  for (let count = 0; count < lines; count++) {
    const at = input.indexOf(10, end);
    if (at < 0) return input;
    end = at + 1;
  }
  return input.subarray(0, end);
}

/** Nobody waits: time jumps to whatever is asked for. */
export class EagerClock implements Clock {
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    this.#nowMs += Math.min(delayMs, 10_000);
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  }
}
