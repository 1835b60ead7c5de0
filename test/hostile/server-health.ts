/**
 * How the server bears up while somebody misbehaves: the memory of its process, and how long
 * a well-behaved client waits for its answer meanwhile.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Postfold } from '../support/postfold.ts';
import { RawClient } from './raw-client.ts';

export interface Strain {
  /** The most memory that the process had in RAM while the work was done, above what it had before. */
  readonly grownMegabytes: number;
  /** The longest that another client waited for the answer to a NOOP. */
  readonly waitedMs: number;
}

/** Does the work and watches the server meanwhile. */
export async function strainOf(postfold: Postfold, work: () => Promise<unknown>): Promise<Strain> {
  const before = residentKilobytes(postfold.pid, 'VmRSS');
  writeFileSync(`/proc/${postfold.pid}/clear_refs`, '5'); // begins a new high-water mark, proc(5)
  const bystander = await Bystander.join(postfold);
  await work().finally(() => bystander.leave());
  const waitedMs = bystander.longestMs;
  const peak = residentKilobytes(postfold.pid, 'VmHWM');
  return { grownMegabytes: Math.round((peak - before) / 1024), waitedMs };
}

export function residentKilobytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  assert.ok(found, `${field} of process ${pid}`);
  return Number(found[1]);
}

/** From an address of its own, a NOOP after another. */
class Bystander {
  readonly #client: RawClient;
  readonly #asking: Promise<void>;
  longestMs = 0;
  #leaving = false;

  constructor(client: RawClient) {
    this.#client = client;
    this.#asking = this.#ask();
    this.#asking.catch(() => {}); // `leave` tells
  }

  static async join(postfold: Postfold): Promise<Bystander> {
    const client = await RawClient.dial(postfold.ports.imap, { from: '127.0.0.99' });
    await client.line();
    return new Bystander(client);
  }

  async leave(): Promise<void> {
    this.#leaving = true;
    await this.#asking;
    this.#client.close();
  }

  async #ask(): Promise<void> {
    while (!this.#leaving) {
      const askedMs = performance.now();
      await this.#client.write('n NOOP\r\n');
      assert.match((await this.#client.line()) ?? '', /^n OK/);
      this.longestMs = Math.max(this.longestMs, Math.round(performance.now() - askedMs));
      await delay(20);
    }
  }
}
