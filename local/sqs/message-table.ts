/**
 * The rows of messages: which are visible, in flight, delayed, and in what order they go
 * out. Synchronous; the caller runs writes inside `storage.write`.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MessageAttributes } from './message-attributes.ts';

export interface NewMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly groupId: string;
  readonly sentMs: number;
  readonly visibleMs: number;
}

export interface StoredMessage extends NewMessage {
  readonly seq: number;
  /** How often it was received before now. */
  readonly receives: number;
  readonly firstReceivedMs: number;
  /** The queue it was moved from, for a message in a dead-letter queue. */
  readonly deadLetterSource: string;
}

export interface ReceivedMessage extends StoredMessage {
  /** When this delivery was made. */
  readonly receivedMs: number;
}

export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS sqs_messages (
  seq INTEGER PRIMARY KEY, queue TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
  attributes TEXT NOT NULL, group_id TEXT NOT NULL, sent_ms INTEGER NOT NULL,
  visible_ms INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0,
  first_received_ms INTEGER NOT NULL DEFAULT 0, source TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX IF NOT EXISTS sqs_by_time ON sqs_messages (queue, visible_ms, seq);
CREATE INDEX IF NOT EXISTS sqs_by_group ON sqs_messages (queue, group_id, visible_ms, seq) WHERE group_id <> '';
CREATE INDEX IF NOT EXISTS sqs_in_flight ON sqs_messages (queue, visible_ms, group_id) WHERE receives > 0;
`;

/** SQS calls a group noisy at 30 messages in flight and a tenth of all that is in flight. */
const NOISY_MESSAGES = 30;
const NOISY_SHARE = 0.1;

export class MessageTable {
  readonly #db: DatabaseSync;
  readonly #add: StatementSync;
  readonly #oldest: StatementSync;
  readonly #first: StatementSync;
  readonly #bySeq: StatementSync;
  readonly #received: StatementSync;
  readonly #setVisible: StatementSync;
  readonly #delete: StatementSync;
  readonly #next: StatementSync;
  readonly #groupsInFlight: StatementSync;

  constructor(db: DatabaseSync) {
    db.exec(SCHEMA);
    this.#db = db;
    this.#add = db.prepare(
      `INSERT INTO sqs_messages (queue, id, body, attributes, group_id, sent_ms, visible_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#oldest = db.prepare(
      'SELECT * FROM sqs_messages WHERE queue = ? AND visible_ms <= ? ORDER BY visible_ms, seq LIMIT ?',
    );
    this.#first = db.prepare('SELECT 1 FROM sqs_messages WHERE queue = ? AND visible_ms <= ? LIMIT 1');
    this.#bySeq = db.prepare('SELECT * FROM sqs_messages WHERE seq = ? AND queue = ? AND id = ?');
    this.#received = db.prepare(
      `UPDATE sqs_messages SET receives = receives + 1, visible_ms = ?,
       first_received_ms = CASE receives WHEN 0 THEN ? ELSE first_received_ms END WHERE seq = ?`,
    );
    this.#setVisible = db.prepare('UPDATE sqs_messages SET visible_ms = ? WHERE seq = ?');
    this.#delete = db.prepare('DELETE FROM sqs_messages WHERE seq = ?');
    this.#next = db.prepare(
      'SELECT min(visible_ms) AS ms FROM sqs_messages WHERE queue = ? AND visible_ms > ?',
    );
    this.#groupsInFlight = db.prepare(
      `SELECT group_id, count(*) AS n FROM sqs_messages
       WHERE queue = ? AND visible_ms > ? AND receives > 0 GROUP BY group_id`,
    );
  }

  add(queue: string, message: NewMessage): void {
    const { id, body, attributes, groupId, sentMs, visibleMs } = message;
    this.#add.run(queue, id, body, JSON.stringify(attributes), groupId, sentMs, visibleMs);
  }

  anyVisible(queue: string, nowMs: number): boolean {
    return this.#first.get(queue, nowMs) !== undefined;
  }

  /** Messages in flight by group; '' is for those without one. */
  inFlight(queue: string, nowMs: number): Map<string, number> {
    const rows = this.#groupsInFlight.all(queue, nowMs);
    return new Map(rows.map((row) => [String(row.group_id), Number(row.n)]));
  }

  /** Up to `limit` visible messages: oldest first, those of groups that are noisy now after all others. */
  visible(
    queue: string,
    nowMs: number,
    limit: number,
    inFlight: ReadonlyMap<string, number>,
  ): readonly StoredMessage[] {
    const noisy = noisyGroups(inFlight);
    const rows =
      noisy.length === 0 ? this.#oldest.all(queue, nowMs, limit) : this.#fair(queue, nowMs, limit, noisy);
    return rows.map(toMessage);
  }

  get(queue: string, seq: number, id: string): StoredMessage | undefined {
    const row = this.#bySeq.get(seq, queue, id);
    return row && toMessage(row);
  }

  markReceived(seq: number, nowMs: number, visibleMs: number): void {
    this.#received.run(visibleMs, nowMs, seq);
  }

  setVisible(seq: number, visibleMs: number): void {
    this.#setVisible.run(visibleMs, seq);
  }

  delete(seq: number): void {
    this.#delete.run(seq);
  }

  moveToDeadLetter(seq: number, from: string, to: string, nowMs: number): void {
    this.#db
      .prepare('UPDATE sqs_messages SET queue = ?, source = ?, visible_ms = ? WHERE seq = ?')
      .run(to, from, nowMs, seq);
  }

  /** When the next hidden message becomes visible. */
  nextVisibleMs(queue: string, nowMs: number): number | undefined {
    const ms = this.#next.get(queue, nowMs)?.ms;
    return typeof ms === 'number' ? ms : undefined;
  }

  deleteSentBefore(queue: string, sentMs: number): void {
    this.#db.prepare('DELETE FROM sqs_messages WHERE queue = ? AND sent_ms <= ?').run(queue, sentMs);
  }

  deleteAll(queue: string): void {
    this.#db.prepare('DELETE FROM sqs_messages WHERE queue = ?').run(queue);
  }

  counts(queue: string, nowMs: number): QueueCounts {
    const row = this.#db
      .prepare(
        `SELECT count(*) AS n, sum(visible_ms <= ?) AS visible, sum(visible_ms > ? AND receives > 0) AS flying
         FROM sqs_messages WHERE queue = ?`,
      )
      .get(nowMs, nowMs, queue);
    const visible = Number(row?.visible ?? 0);
    const inFlight = Number(row?.flying ?? 0);
    return { visible, inFlight, delayed: Number(row?.n ?? 0) - visible - inFlight };
  }

  /**
   * First the quiet groups (each found by one step in the index, so that a noisy backlog is
   * not read over), then the noisy ones, fewest in flight first.
   */
  #fair(queue: string, nowMs: number, limit: number, noisy: readonly string[]) {
    const quiet = this.#db
      .prepare(
        `WITH RECURSIVE groups (name) AS (
           SELECT min(group_id) FROM sqs_messages WHERE queue = ?1 AND group_id <> ''
           UNION ALL
           SELECT (SELECT min(group_id) FROM sqs_messages WHERE queue = ?1 AND group_id <> '' AND group_id > name)
           FROM groups WHERE name IS NOT NULL)
         SELECT m.* FROM groups JOIN sqs_messages m ON m.seq IN (
           SELECT seq FROM sqs_messages WHERE queue = ?1 AND group_id = name AND group_id <> '' AND visible_ms <= ?2
           ORDER BY visible_ms, seq LIMIT ?3)
         WHERE name NOT IN (SELECT value FROM json_each(?4))
         ORDER BY m.visible_ms, m.seq LIMIT ?3`,
      )
      .all(queue, nowMs, limit, JSON.stringify(noisy));
    const loose = this.#db
      .prepare(
        `SELECT * FROM sqs_messages WHERE queue = ? AND visible_ms <= ? AND group_id = ''
         ORDER BY visible_ms, seq LIMIT ?`,
      )
      .all(queue, nowMs, limit);
    const first = [...quiet, ...loose].sort(byTime).slice(0, limit);
    if (first.length === limit) return first;
    const taken = new Set(first.map((row) => row.seq));
    const rest = this.#oldest.all(queue, nowMs, limit + first.length).filter((row) => !taken.has(row.seq));
    return [...first, ...rest.slice(0, limit - first.length)];
  }
}

function noisyGroups(inFlight: ReadonlyMap<string, number>): readonly string[] {
  const total = sum(inFlight);
  const noisy = [...inFlight].filter(
    ([group, n]) => group !== '' && n >= Math.max(NOISY_MESSAGES, total * NOISY_SHARE),
  );
  return noisy.map(([group]) => group);
}

export function sum(inFlight: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const n of inFlight.values()) total += n;
  return total;
}

type Row = Record<string, unknown>;

function byTime(a: Row, b: Row): number {
  return Number(a.visible_ms) - Number(b.visible_ms) || Number(a.seq) - Number(b.seq);
}

function toMessage(row: Row): StoredMessage {
  return {
    seq: Number(row.seq),
    id: String(row.id),
    body: String(row.body),
    attributes: row.attributes === '{}' ? {} : JSON.parse(String(row.attributes)),
    groupId: String(row.group_id),
    sentMs: Number(row.sent_ms),
    visibleMs: Number(row.visible_ms),
    receives: Number(row.receives),
    firstReceivedMs: Number(row.first_received_ms),
    deadLetterSource: String(row.source),
  };
}
