/**
 * The text of a message as SEARCH compares it: its text parts, decoded, case-folded, NFC. Reads
 * those parts alone, never attachments, and no more than the limit of any message.
 * RFC 3501 6.4.4 (BODY, TEXT), RFC 2045 6.
 */
import { foldText } from '../../mail/fold-text.ts';
import { decodeCharset } from '../../mail/message/charset.ts';
import { decodeParts } from '../../mail/message/parts-codec.ts';
import { textOfHtml } from '../../mail/message/preview.ts';
import { decodeTransfer } from '../../mail/message/transfer-encoding.ts';
import type { PartNode } from '../../mail/message/types.ts';
import type { MessageRecord } from '../../mail/message-record.ts';
import type { Account } from './contract.ts';

/** The text of one message; a failure of the store is thrown. */
export type TextExtractor = (account: Pick<Account, 'read'>, record: MessageRecord) => Promise<string>;

/** Octets of text parts that are looked at in one message, transfer-encoded. */
export const maxTextOctets = 4 * 1024 * 1024;

export const textOf: TextExtractor = async (account, record) => {
  let left = maxTextOctets;
  let text = '';
  for (const part of textParts(decodeParts(record.parts))) {
    const end = Math.min(part.bodyEnd, part.bodyStart + left);
    if (end <= part.bodyStart) continue;
    left -= end - part.bodyStart;
    text += `${partText(await account.read(record, part.bodyStart, end), part)}\n`;
  }
  return text;
};

function* textParts(part: PartNode): Generator<PartNode> {
  if (part.type === 'text') yield part;
  for (const child of part.children) yield* textParts(child);
}

function partText(octets: Uint8Array, part: PartNode): string {
  const text = decodeCharset(decodeTransfer(octets, part.encoding), part.charset);
  return foldText(part.subtype === 'html' ? textOfHtml(text) : text);
}
