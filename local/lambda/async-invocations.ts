/**
 * Event invocations: stored before they are answered, run at least once, tried again twice
 * when the function fails (after one minute, then two), and for six hours while it is
 * throttled. What still fails then is dropped and told to `onDropped`, as Lambda does
 * without a destination.
 */
import { randomUUID } from 'node:crypto';
import { utf8 } from '../bytes.ts';
import { JsonError } from '../json-protocol.ts';
import type { Storage } from '../storage.ts';
import type { Clock } from '../types.ts';
import type { Functions, Invocation } from './functions.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS lambda_events (
  id TEXT PRIMARY KEY, function TEXT NOT NULL, payload TEXT NOT NULL, failures INTEGER NOT NULL,
  added_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL) STRICT;
`;

const RETRY_AFTER_MS = [60_000, 120_000];
const THROTTLE_PAUSE_MS = 1000;
const MAX_AGE_MS = 6 * 3_600_000;

export interface DroppedEvent {
  readonly functionName: string;
  readonly requestId: string;
  readonly reason: string;
}

interface Event {
  readonly id: string;
  readonly functionName: string;
  readonly payload: string;
  readonly failures: number;
  readonly addedMs: number;
}

export class AsyncInvocations {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #functions: Functions;
  readonly #ran: (functionName: string, invocation: Invocation) => void;
  readonly #onDropped: (dropped: DroppedEvent) => void;
  readonly #onProblem: (problem: string, cause: unknown) => void;
  readonly #timers = new Map<string, () => void>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  /** `ran` hears of every finished attempt, for the meter; `onProblem` of failures that are ours. */
  constructor(options: {
    readonly storage: Storage;
    readonly clock: Clock;
    readonly functions: Functions;
    readonly ran: (functionName: string, invocation: Invocation) => void;
    readonly onDropped: (dropped: DroppedEvent) => void;
    readonly onProblem: (problem: string, cause: unknown) => void;
  }) {
    this.#storage = options.storage;
    this.#clock = options.clock;
    this.#functions = options.functions;
    this.#ran = options.ran;
    this.#onDropped = options.onDropped;
    this.#onProblem = options.onProblem;
    this.#storage.db.exec(SCHEMA);
  }

  /** Stores the event durably and starts it soon; gives its request id. */
  async add(functionName: string, payload: Uint8Array): Promise<string> {
    const event: Event = {
      id: randomUUID(),
      functionName,
      payload: utf8(payload),
      failures: 0,
      addedMs: this.#clock.now(),
    };
    await this.#storage.write((db) =>
      db
        .prepare('INSERT INTO lambda_events VALUES (?, ?, ?, 0, ?, ?)')
        .run(event.id, functionName, event.payload, event.addedMs, event.addedMs),
    );
    this.#schedule(event, 0);
    return event.id;
  }

  /** Takes up what an earlier process left, once the functions are registered. */
  resume(): void {
    for (const row of this.#storage.db.prepare('SELECT * FROM lambda_events ORDER BY due_ms').all()) {
      const event: Event = {
        id: String(row.id),
        functionName: String(row.function),
        payload: String(row.payload),
        failures: Number(row.failures),
        addedMs: Number(row.added_ms),
      };
      this.#schedule(event, Number(row.due_ms) - this.#clock.now());
    }
  }

  /** Starts nothing new; what is stored waits for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
    await Promise.allSettled([...this.#running]);
  }

  #schedule(event: Event, delayMs: number): void {
    if (this.#closed) return;
    const start = () => {
      this.#timers.delete(event.id);
      const running = this.#run(event)
        .catch((cause) => this.#leave(event, cause))
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
    };
    if (delayMs > 0) this.#timers.set(event.id, this.#clock.after(delayMs, start));
    else setImmediate(() => this.#closed || start());
  }

  async #run(event: Event): Promise<void> {
    try {
      const invocation = await this.#functions.invoke(event.functionName, Buffer.from(event.payload));
      this.#ran(event.functionName, invocation);
      if (!invocation.failed) return await this.#remove(event);
      const pauseMs = RETRY_AFTER_MS[event.failures];
      if (pauseMs === undefined) return await this.#drop(event, invocation.payload);
      await this.#postpone({ ...event, failures: event.failures + 1 }, pauseMs);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      const old = this.#clock.now() - event.addedMs >= MAX_AGE_MS;
      if (error.status === 400 || old) return await this.#drop(event, error.message);
      await this.#postpone(event, THROTTLE_PAUSE_MS);
    }
  }

  /** The event stays stored and runs again at the next start: at least once, as promised. */
  #leave({ id, functionName }: Event, cause: unknown): void {
    // A function that outlived `close` finds the database gone: no news to anybody.
    if (!this.#closed) this.#onProblem(`event ${id} for ${functionName} could not be settled`, cause);
  }

  async #postpone(event: Event, pauseMs: number): Promise<void> {
    await this.#storage.write((db) =>
      db
        .prepare('UPDATE lambda_events SET failures = ?, due_ms = ? WHERE id = ?')
        .run(event.failures, this.#clock.now() + pauseMs, event.id),
    );
    this.#schedule(event, pauseMs);
  }

  async #drop(event: Event, reason: string): Promise<void> {
    await this.#remove(event);
    this.#onDropped({ functionName: event.functionName, requestId: event.id, reason });
  }

  async #remove(event: Event): Promise<void> {
    await this.#storage.write((db) => db.prepare('DELETE FROM lambda_events WHERE id = ?').run(event.id));
  }
}
