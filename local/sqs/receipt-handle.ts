/** The receipt handle: which message, and which of its deliveries. */
import { sqsError } from './error.ts';
import type { StoredMessage } from './message-table.ts';

export interface Receipt {
  readonly seq: number;
  readonly id: string;
  /** The delivery's number; a handle of an earlier one no longer deletes. */
  readonly receives: number;
}

export function receiptHandle({ seq, id, receives }: StoredMessage): string {
  return Buffer.from(`${seq} ${id} ${receives}`).toString('base64');
}

/** @throws JsonError ReceiptHandleIsInvalid */
export function parseReceipt(handle: string): Receipt {
  const text = Buffer.from(handle, 'base64').toString('latin1');
  const match = /^(\d{1,15}) ([0-9a-f-]{36}) (\d{1,9})$/.exec(text);
  if (!match)
    throw sqsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${handle.slice(0, 100)}" is not valid.`,
    );
  return { seq: Number(match[1]), id: String(match[2]), receives: Number(match[3]) };
}
