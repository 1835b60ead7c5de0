/** The `ingest` Lambda: one message of the SMTP servers, or a notification, to its mailboxes and queue. */
import type { IngestResult } from '../../core/service/receive/event.ts';
import { openClients } from '../../core/store/clients.ts';
import { createIngest } from './factory.ts';
import { parseEvent } from './parse-event.ts';
import { readSettings } from './settings.ts';

const ingest = createIngest(openClients({}), readSettings(process.env));

/** Throws what failed; the SMTP server invokes it again with the same event, then says 451. */
export async function handler(event: unknown): Promise<IngestResult> {
  const message = parseEvent(event);
  const result = await ingest(message).catch((error: unknown) => {
    log(message.messageId, { error: String(error) });
    throw error;
  });
  const { code, status } = result;
  log(message.messageId, { origin: message.origin, code, status });
  return result;
}

function log(messageId: string, fields: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify({ event: 'ingest', messageId, ...fields }));
}
