/**
 * The fields that we put in front of a message: Return-Path, the judgement, Received, and what
 * a submission lacks. Pure text, each field with its CRLF. RFC 5321 4.4, RFC 3848, RFC 6409 8.
 */
import { dateTime } from '../../mail/transfer/dsn.ts';
import type { IngestEvent } from './event.ts';

/** `''` gives `<>`. Goes in front of all: delivery is where a message's way ends. */
export function returnPathField(reversePath: string): string {
  return `Return-Path: <${reversePath}>\r\n`;
}

/** Names the recipient only when there is one, so that nobody learns of the others. */
export function receivedField(event: IngestEvent, hostname: string): string {
  const { client, messageId, recipients, receivedAtMs } = event;
  const [only, ...others] = recipients;
  const forClause = only && others.length === 0 ? `\r\n\tfor <${only.address}>` : '';
  const tls = client.tls === undefined ? '' : `\r\n\t(${client.tls})`;
  return (
    `Received: from ${printable(client.helo) || 'unknown'} (${literal(client.address)})${tls}\r\n` +
    `\tby ${hostname} with ${client.protocol} id ${messageId}${forClause};\r\n` +
    `\t${dateTime(receivedAtMs)}\r\n`
  );
}

/** Of a message that we make ourselves. */
export function dateField(nowMs: number): string {
  return `Date: ${dateTime(nowMs)}\r\n`;
}

export function messageIdField(id: string, hostname: string): string {
  return `Message-ID: <${id}@${hostname}>\r\n`;
}

function literal(address: string): string {
  return address.includes(':') ? `[IPv6:${address}]` : `[${address}]`;
}

function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?');
}
