/** The event of an invocation, checked as far as a caller of another version could differ. */
import type { IngestEvent } from '../../core/service/receive/event.ts';

/** Throws on anything but an event of version 1: the caller keeps the message then. */
export function parseEvent(event: unknown): IngestEvent {
  if (typeof event !== 'object' || event === null || !('version' in event) || event.version !== 1) {
    throw new Error('ingest knows events of version 1 only');
  }
  return event as IngestEvent;
}
