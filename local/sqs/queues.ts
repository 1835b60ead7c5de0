/**
 * The queues: their rows and settings, and the long polls that wait on them. A poll waits
 * for an event (a message sent, a visibility that runs out), never in a loop of tries.
 */
import type { Storage } from '../storage.ts';
import type { Clock } from '../types.ts';
import { type QueueAttributes, type QueueSettings, settingsOf } from './attributes.ts';
import { sqsError } from './error.ts';
import { MessageTable, type ReceivedMessage, type StoredMessage, sum } from './message-table.ts';

export interface Queue {
  readonly name: string;
  readonly createdMs: number;
  modifiedMs: number;
  attributes: QueueAttributes;
  settings: QueueSettings;
  readonly waiters: Set<Waiter>;
  cancelTimer: (() => void) | undefined;
  cleanedMs: number;
  purgedMs: number;
  inFlight: { readonly byGroup: Map<string, number>; readonly countedMs: number } | undefined;
}

export interface ReceiveOptions {
  readonly limit: number;
  readonly visibilitySeconds: number;
  readonly waitSeconds: number;
}

interface Waiter {
  readonly options: ReceiveOptions;
  readonly finish: (received: Promise<readonly ReceivedMessage[]>) => void;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS sqs_queues (
  name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL, modified_ms INTEGER NOT NULL, attributes TEXT NOT NULL) STRICT;
`;

const MAX_IN_FLIGHT = 120_000;
const CLEAN_EVERY_MS = 60_000;
/** Above so many in flight they are not counted for each receive (it reads them all) but once in a while. */
const COUNTED_EXACTLY = 2000;
const COUNT_EVERY_MS = 1000;

export class Queues {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly messages: MessageTable;
  readonly #queues = new Map<string, Queue>();
  readonly #duplicates: () => boolean;
  #closed = false;

  /** `duplicates` says of each message about to be received whether to leave it visible. */
  constructor(storage: Storage, clock: Clock, duplicates: () => boolean) {
    this.storage = storage;
    this.clock = clock;
    this.#duplicates = duplicates;
    storage.db.exec(SCHEMA);
    this.messages = new MessageTable(storage.db);
    for (const row of storage.db.prepare('SELECT * FROM sqs_queues').all()) {
      this.#remember(
        String(row.name),
        Number(row.created_ms),
        Number(row.modified_ms),
        JSON.parse(String(row.attributes)),
      );
    }
  }

  find(name: string): Queue | undefined {
    return this.#queues.get(name);
  }

  /** @throws JsonError QueueDoesNotExist */
  get(name: string): Queue {
    const queue = this.#queues.get(name);
    if (!queue) throw sqsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }

  names(): readonly string[] {
    return [...this.#queues.keys()].sort();
  }

  async create(name: string, attributes: QueueAttributes): Promise<void> {
    const nowMs = this.clock.now();
    await this.storage.write((db) => {
      const row = [name, nowMs, nowMs, JSON.stringify(attributes)];
      db.prepare('INSERT INTO sqs_queues VALUES (?, ?, ?, ?)').run(...row);
      this.#remember(name, nowMs, nowMs, attributes);
    });
  }

  async setAttributes(queue: Queue, attributes: QueueAttributes): Promise<void> {
    const all = { ...queue.attributes, ...attributes };
    const nowMs = this.clock.now();
    await this.storage.write((db) => {
      const sql = 'UPDATE sqs_queues SET attributes = ?, modified_ms = ? WHERE name = ?';
      db.prepare(sql).run(JSON.stringify(all), nowMs, queue.name);
      Object.assign(queue, { attributes: all, settings: settingsOf(all), modifiedMs: nowMs });
    });
  }

  async remove(queue: Queue): Promise<void> {
    this.#queues.delete(queue.name);
    queue.cancelTimer?.();
    for (const waiter of [...queue.waiters]) waiter.finish(Promise.resolve([]));
    await this.storage.write((db) => {
      db.prepare('DELETE FROM sqs_queues WHERE name = ?').run(queue.name);
      this.messages.deleteAll(queue.name);
    });
  }

  /** Messages now, or as soon as there are any within `waitSeconds`; none when `signal` aborts. */
  async receive(
    queue: Queue,
    options: ReceiveOptions,
    signal?: AbortSignal,
  ): Promise<readonly ReceivedMessage[]> {
    if (signal?.aborted || this.#closed) return [];
    // Whoever waits longer is served first.
    const ready = queue.waiters.size === 0 ? await this.#take(queue, options) : [];
    if (ready.length > 0 || options.waitSeconds === 0 || signal?.aborted || this.#closed) return ready;
    return new Promise((resolve) => {
      const finish = (received: Promise<readonly ReceivedMessage[]>) => {
        queue.waiters.delete(waiter);
        cancelDeadline();
        signal?.removeEventListener('abort', giveUp);
        resolve(received);
      };
      const giveUp = () => finish(Promise.resolve([]));
      const waiter: Waiter = { options, finish };
      const cancelDeadline = this.clock.after(options.waitSeconds * 1000, giveUp);
      signal?.addEventListener('abort', giveUp);
      queue.waiters.add(waiter);
      this.wake(queue);
    });
  }

  /** Serves waiting polls what is visible now, and sets the timer for what becomes visible next. */
  wake(queue: Queue): void {
    for (const waiter of [...queue.waiters]) {
      if (!this.#anyVisible(queue)) break;
      waiter.finish(this.#take(queue, waiter.options));
    }
    queue.cancelTimer?.();
    queue.cancelTimer = undefined;
    if (queue.waiters.size === 0) return;
    const nowMs = this.clock.now();
    const nextMs = this.messages.nextVisibleMs(queue.name, nowMs);
    if (nextMs !== undefined) queue.cancelTimer = this.clock.after(nextMs - nowMs, () => this.wake(queue));
  }

  /** Ends every long poll, also those that would begin after it. */
  close(): void {
    this.#closed = true;
    for (const queue of this.#queues.values()) {
      queue.cancelTimer?.();
      for (const waiter of [...queue.waiters]) waiter.finish(Promise.resolve([]));
    }
  }

  #anyVisible(queue: Queue): boolean {
    return this.messages.anyVisible(queue.name, this.clock.now());
  }

  async #take(queue: Queue, options: ReceiveOptions): Promise<readonly ReceivedMessage[]> {
    if (!this.#anyVisible(queue)) return [];
    return this.storage.write(() => this.#takeVisible(queue, options));
  }

  #takeVisible(queue: Queue, { limit, visibilitySeconds }: ReceiveOptions): readonly ReceivedMessage[] {
    const nowMs = this.clock.now();
    const oldestMs = nowMs - queue.settings.retentionSeconds * 1000;
    this.#clean(queue, nowMs, oldestMs);
    const inFlight = this.#inFlight(queue, nowMs);
    if (sum(inFlight) >= MAX_IN_FLIGHT) throw sqsError('OverLimit', 'Too many messages are in flight.');
    const taken: ReceivedMessage[] = [];
    for (const message of this.messages.visible(queue.name, nowMs, limit, inFlight)) {
      if (message.sentMs <= oldestMs) this.messages.delete(message.seq);
      else if (!this.#redriven(queue, message, nowMs))
        taken.push(this.#hide(message, nowMs, visibilitySeconds));
    }
    for (const { groupId } of taken) inFlight.set(groupId, (inFlight.get(groupId) ?? 0) + 1);
    return taken;
  }

  #inFlight(queue: Queue, nowMs: number): Map<string, number> {
    const known = queue.inFlight;
    const isRecent = known !== undefined && nowMs - known.countedMs < COUNT_EVERY_MS;
    if (isRecent && sum(known.byGroup) >= COUNTED_EXACTLY) return known.byGroup;
    const byGroup = this.messages.inFlight(queue.name, nowMs);
    queue.inFlight = { byGroup, countedMs: nowMs };
    return byGroup;
  }

  #hide(message: StoredMessage, nowMs: number, visibilitySeconds: number): ReceivedMessage {
    const hiddenMs = this.#duplicates() ? 0 : visibilitySeconds * 1000;
    this.messages.markReceived(message.seq, nowMs, nowMs + hiddenMs);
    const firstReceivedMs = message.receives === 0 ? nowMs : message.firstReceivedMs;
    const receives = message.receives + 1;
    return { ...message, receives, firstReceivedMs, receivedMs: nowMs, visibleMs: nowMs + hiddenMs };
  }

  #redriven(queue: Queue, message: StoredMessage, nowMs: number): boolean {
    const { redrive } = queue.settings;
    if (!redrive || message.receives < redrive.maxReceiveCount) return false;
    const target = this.#queues.get(redrive.deadLetterQueue);
    if (!target) return false;
    this.messages.moveToDeadLetter(message.seq, queue.name, target.name, nowMs);
    setImmediate(() => this.wake(target));
    return true;
  }

  /** Now and then all that is past its retention goes at once, so that a receive need not wade through it. */
  #clean(queue: Queue, nowMs: number, oldestMs: number): void {
    if (nowMs - queue.cleanedMs < CLEAN_EVERY_MS) return;
    queue.cleanedMs = nowMs;
    this.messages.deleteSentBefore(queue.name, oldestMs);
  }

  #remember(name: string, createdMs: number, modifiedMs: number, attributes: QueueAttributes): void {
    this.#queues.set(name, {
      name,
      createdMs,
      modifiedMs,
      attributes,
      settings: settingsOf(attributes),
      waiters: new Set(),
      cancelTimer: undefined,
      cleanedMs: 0,
      purgedMs: Number.NEGATIVE_INFINITY,
      inFlight: undefined,
    });
  }
}
