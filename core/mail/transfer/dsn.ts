/**
 * A delivery status notification as octets: multipart/report with words for people, fields
 * for programs and the header of the message it is about. Pure ASCII on the wire unless the
 * sender's own address is not. RFC 3464, RFC 6522, RFC 3834 5, RFC 6533.
 */
import type { MessageId } from '../ids.ts';
import { deliveryStatus } from './dsn-fields.ts';
import { humanText, subjectOf } from './dsn-text.ts';

export interface DsnRecipient {
  /** Where it was sent. */
  readonly address: string;
  /** What the sender wrote, where an alias or a forward led elsewhere. */
  readonly originalAddress?: string;
  /** RFC 3463. */
  readonly status: string;
  /** One line: the remote's text with its code, or our own words. */
  readonly reply?: string;
  readonly replyBy?: 'remote';
  readonly remoteHost?: string;
}

export interface Dsn {
  readonly kind: 'failed' | 'delayed';
  /** Names the notification itself: Message-ID and boundary come of it. */
  readonly messageId: MessageId;
  /** Our host name: Reporting-MTA and the domain of MAILER-DAEMON. */
  readonly reportingHost: string;
  /** The original's reverse-path, never ''. */
  readonly sender: string;
  readonly nowMs: number;
  /** When the original came to us. */
  readonly arrivedAtMs: number;
  /** Of a delay: until when it is tried. */
  readonly retryUntilMs?: number;
  /** At least one. */
  readonly recipients: readonly DsnRecipient[];
  /** The original from its first octet; what follows its header, or 64 KB, is left out. */
  readonly originalHeader: Uint8Array;
}

/** Largest piece of the original's header that goes back. */
export const maxReturnedHeaderBytes = 64 * 1024;

/** The whole notification with CRLF line ends. Its reverse-path is null (RFC 3464 2). */
export function composeDsn(dsn: Dsn): Uint8Array {
  const header = headerOnly(dsn.originalHeader);
  const parts = [
    textPart(humanText(dsn)),
    `Content-Type: message/delivery-status\r\n\r\n${deliveryStatus(dsn)}`,
    headerPart(header),
  ];
  const boundary = boundaryFor(dsn.messageId, parts);
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('');
  return Buffer.from(`${topHeader(dsn, boundary)}\r\n${body}--${boundary}--\r\n`, 'utf8');
}

/** RFC 5322 3.3, in UTC. */
export function dateTime(ms: number): string {
  return new Date(ms).toUTCString().replace('GMT', '+0000');
}

function topHeader(dsn: Dsn, boundary: string): string {
  return [
    `From: Mail Delivery System <MAILER-DAEMON@${dsn.reportingHost}>`,
    `To: <${dsn.sender}>`,
    `Subject: ${subjectOf(dsn)}`,
    `Date: ${dateTime(dsn.nowMs)}`,
    `Message-ID: <${dsn.messageId}@${dsn.reportingHost}>`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    `\tboundary="${boundary}"`,
    '',
  ].join('\r\n');
}

function textPart(text: string): string {
  const octets = Buffer.from(text, 'utf8');
  if (isPlain(octets)) return `Content-Type: text/plain; charset=us-ascii\r\n\r\n${text}`;
  return `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64Lines(octets)}`;
}

/** RFC 6522 3 and RFC 6533 4: an internationalised header has a type of its own. */
function headerPart(header: Buffer): string {
  if (isPlain(header)) return `Content-Type: text/rfc822-headers\r\n\r\n${header.toString('latin1')}`;
  const type = isUtf8Text(header) ? 'message/global-headers' : 'text/rfc822-headers';
  return `Content-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64Lines(header)}`;
}

/** The header without the empty line, cut after a whole line where it is too long. */
function headerOnly(octets: Uint8Array): Buffer {
  const some = Buffer.from(octets.buffer, octets.byteOffset, Math.min(octets.length, maxReturnedHeaderBytes));
  const text = some.toString('latin1');
  const end = /^\r?\n/.test(text) ? 0 : text.search(/\n\r?\n/) + 1;
  if (end > 0 || /^\r?\n/.test(text)) return some.subarray(0, end);
  return some.subarray(0, text.lastIndexOf('\n') + 1);
}

/** ASCII in CRLF lines of at most 998 octets (RFC 5322 2.1.1), so that it may travel as it is. */
function isPlain(octets: Buffer): boolean {
  const text = octets.toString('latin1');
  if (/[^\t\r\n\u0020-\u007e]|\r(?!\n)|[^\r]\n|^\n/.test(text)) return false;
  return text.split('\r\n').every((line) => line.length <= 998);
}

function isUtf8Text(octets: Buffer): boolean {
  return Buffer.from(octets.toString('utf8'), 'utf8').equals(octets);
}

function base64Lines(octets: Buffer): string {
  return (octets.toString('base64').match(/.{1,76}/g) ?? []).map((line) => `${line}\r\n`).join('');
}

/** A delimiter that no part contains: the sender of the original must not be able to forge one. */
function boundaryFor(messageId: MessageId, parts: readonly string[]): string {
  let boundary = `report-${messageId}`;
  while (boundary.length < 70 && parts.some((part) => part.includes(boundary))) boundary = `x${boundary}`;
  return boundary;
}
