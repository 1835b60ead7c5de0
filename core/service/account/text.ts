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

/** Parts that lie this close are read together: a message of 1,000 parts must not be 1,000 requests. */
const maxGapOctets = 64 * 1024;
const maxRunOctets = 1024 * 1024;

export const textOf: TextExtractor = async (account, record) => {
  let text = '';
  for (const run of runs(pieces(decodeParts(record.parts)))) {
    const octets = await account.read(record, run.start, run.end);
    for (const { part, start, end } of run.pieces)
      text += `${partText(octets.subarray(start - run.start, end - run.start), part)}\n`;
  }
  return text;
};

/** What is looked at of one part. */
interface Piece {
  readonly part: PartNode;
  readonly start: number;
  readonly end: number;
}

function* pieces(root: PartNode): Generator<Piece> {
  let left = maxTextOctets;
  for (const part of textParts(root)) {
    const start = part.bodyStart;
    const end = Math.min(part.bodyEnd, start + left);
    if (end <= start) continue;
    left -= end - start;
    yield { part, start, end };
  }
}

/** Pieces come in the order they lie in. */
function* runs(all: Iterable<Piece>) {
  let run: { start: number; end: number; pieces: Piece[] } | undefined;
  for (const piece of all) {
    const joins = run && piece.start - run.end <= maxGapOctets && piece.end - run.start <= maxRunOctets;
    if (run && joins) {
      run.end = piece.end;
      run.pieces.push(piece);
      continue;
    }
    if (run) yield run;
    run = { start: piece.start, end: piece.end, pieces: [piece] };
  }
  if (run) yield run;
}

function* textParts(part: PartNode): Generator<PartNode> {
  if (part.type === 'text') yield part;
  for (const child of part.children) yield* textParts(child);
}

function partText(octets: Uint8Array, part: PartNode): string {
  const text = decodeCharset(decodeTransfer(octets, part.encoding), part.charset);
  return foldText(part.subtype === 'html' ? textOfHtml(text) : text);
}
