/** Finds records that no entry ever named: what a crash between record and entry leaves behind. */
import { firstMessageIdAt } from '../../mail/account/message-id.ts';
import type { AccountKey, MessageId, ModSeq } from '../../mail/ids.ts';
import type { LogStore } from '../../mail/ports/log-store.ts';
import { clockSkewMs, logPage, type ReapPorts } from './settings.ts';

export interface Orphans {
  readonly ids: readonly MessageId[];
  /** The cursor after them. */
  readonly records: MessageId | '';
  readonly recordsLog: ModSeq | 0;
}

interface Place {
  readonly records: MessageId | '';
  readonly recordsLog: ModSeq | 0;
}

/**
 * Records above the cursor whose ids are older than `beforeMs`, without those that an entry has named. A
 * message is named after the time in its id, so the log is read only from there on.
 */
export async function findOrphans(
  ports: Pick<ReapPorts, 'messages' | 'log'>,
  account: AccountKey,
  from: Place,
  beforeMs: number,
): Promise<Orphans> {
  const end = firstMessageIdAt(Math.max(0, beforeMs));
  const candidates = await recordsBelow(ports, account, from.records, end);
  if (candidates.size === 0) return { ids: [], records: end, recordsLog: from.recordsLog };
  await strikeOutJudged(ports.log, account, candidates);
  const recordsLog = await strikeOutNamed(
    ports.log,
    account,
    from.recordsLog,
    candidates,
    beforeMs - clockSkewMs,
  );
  return { ids: [...candidates], records: end, recordsLog };
}

/**
 * Takes out of `candidates` those from before the log's first entry: what named them may have been trimmed. They
 * were judged before that; only a cursor that was lost asks for them again.
 */
async function strikeOutJudged(
  log: LogStore,
  account: AccountKey,
  candidates: Set<MessageId>,
): Promise<void> {
  const [first] = await log.read(account, 0, 1);
  if (first === undefined || first.modSeq === 1) return;
  const judgeable = firstMessageIdAt(first.atMs + clockSkewMs);
  for (const id of candidates) if (id < judgeable) candidates.delete(id);
}

async function recordsBelow(
  { messages }: Pick<ReapPorts, 'messages'>,
  account: AccountKey,
  after: MessageId | '',
  end: MessageId,
): Promise<Set<MessageId>> {
  const ids = new Set<MessageId>();
  let last = after;
  for (;;) {
    const page = await messages.list(account, last, logPage);
    for (const { messageId } of page) {
      if (messageId >= end) return ids;
      ids.add(messageId);
      last = messageId;
    }
    if (page.length < logPage) return ids;
  }
}

/** Takes out of `candidates` what entries after `after` name; the last entry before the first that is not older than `beforeMs`. */
async function strikeOutNamed(
  log: LogStore,
  account: AccountKey,
  after: ModSeq | 0,
  candidates: Set<MessageId>,
  beforeMs: number,
): Promise<ModSeq | 0> {
  let through = after;
  let settled: ModSeq | 0 | undefined;
  for (;;) {
    const page = await log.read(account, through, logPage);
    for (const entry of page) {
      if (entry.atMs >= beforeMs) settled ??= through;
      if (entry.kind === 'appended') for (const { messageId } of entry.messages) candidates.delete(messageId);
      through = entry.modSeq;
    }
    if (page.length < logPage) return settled ?? through;
  }
}
