/**
 * One message as SEARCH sees it, level by level: columns are free, the record costs a share of
 * a batch, the header a read, the text several. What is not loaded yet is unknown.
 */
import { foldText } from '../../../mail/fold-text.ts';
import { decodeEncodedWords } from '../../../mail/message/encoded-words.ts';
import { parseHeaderFields, unfold } from '../../../mail/message/header-fields.ts';
import { decodeParts } from '../../../mail/message/parts-codec.ts';
import type { MessageRecord } from '../../../mail/message-record.ts';
import type { Account } from '../../../service/account/contract.ts';
import type { TextExtractor } from '../../../service/account/text.ts';
import { MAX_HEADER_OCTETS } from '../limits.ts';

export interface HeaderLine {
  /** In lower case. */
  readonly name: string;
  /** Decoded, folded. */
  readonly text: string;
}

export interface SearchedMessage {
  readonly row: number;
  readonly record?: MessageRecord | undefined;
  readonly header?: readonly HeaderLine[] | undefined;
  readonly text?: string | undefined;
}

export function withRecord(row: number, record: MessageRecord): SearchedMessage {
  return { row, record };
}

/** The next level; answers the same message when all is loaded. */
export async function loadMore(
  account: Account,
  textOf: TextExtractor,
  message: SearchedMessage,
): Promise<SearchedMessage> {
  const { record } = message;
  if (!record) return message;
  if (!message.header) return { ...message, header: await readHeader(account, record) };
  if (message.text === undefined) return { ...message, text: await textOf(account, record) };
  return message;
}

async function readHeader(account: Account, record: MessageRecord): Promise<readonly HeaderLine[]> {
  const end = Math.min(decodeParts(record.parts).bodyStart, MAX_HEADER_OCTETS);
  if (end === 0) return [];
  const octets = await account.read(record, 0, end);
  return parseHeaderFields(octets).map(({ name, rawValue }) => ({
    name: name.toLowerCase(),
    text: foldText(decodeEncodedWords(unfold(rawValue))),
  }));
}
