/** The receipt handle: which message, and which of its deliveries. */
import { sqsError } from './error.ts';
import type { ReceivedMessage } from './message-table.ts';

export interface Receipt {
  readonly seq: number;
  readonly id: string;
  /** The delivery's number; a handle of an earlier one no longer deletes. */
  readonly receives: number;
  /** When that delivery was made. */
  readonly receivedMs: number;
}

export function receiptHandle({ seq, id, receives, receivedMs }: ReceivedMessage): string {
  return Buffer.from(`${seq} ${id} ${receives} ${receivedMs}`).toString('base64');
}

/** @throws JsonError ReceiptHandleIsInvalid */
export function parseReceipt(handle: string): Receipt {
  const text = Buffer.from(handle, 'base64').toString('latin1');
  const match = /^(\d{1,15}) ([0-9a-f-]{36}) (\d{1,9}) (\d{1,15})$/.exec(text);
  if (!match)
    throw sqsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${handle.slice(0, 100)}" is not valid.`,
    );
  const [, seq, id, receives, receivedMs] = match;
  return { seq: Number(seq), id: String(id), receives: Number(receives), receivedMs: Number(receivedMs) };
}
