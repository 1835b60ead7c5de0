/**
 * The machine-readable part of a notification, ASCII whatever the addresses and replies are.
 * RFC 3464 2.2 and 2.3; RFC 6533 3 (utf-8 addresses in xtext form).
 */
import { type Dsn, type DsnRecipient, dateTime } from './dsn.ts';

/** message/delivery-status: one block for the message, one for each recipient. */
export function deliveryStatus(dsn: Dsn): string {
  const message = [`Reporting-MTA: dns; ${dsn.reportingHost}`, `Arrival-Date: ${dateTime(dsn.arrivedAtMs)}`];
  return [message, ...dsn.recipients.map((one) => recipientFields(dsn, one))]
    .map((fields) => fields.map((field) => `${fold(field)}\r\n`).join(''))
    .join('\r\n');
}

function recipientFields(dsn: Dsn, recipient: DsnRecipient): string[] {
  const { originalAddress, remoteHost, reply, replyBy } = recipient;
  const fields = [
    `Final-Recipient: ${typedAddress(recipient.address)}`,
    `Action: ${dsn.kind}`,
    `Status: ${recipient.status}`,
    `Last-Attempt-Date: ${dateTime(dsn.nowMs)}`,
  ];
  if (originalAddress !== undefined && originalAddress !== recipient.address)
    fields.unshift(`Original-Recipient: ${typedAddress(originalAddress)}`);
  if (remoteHost !== undefined) fields.push(`Remote-MTA: dns; ${ascii(remoteHost)}`);
  if (reply !== undefined && replyBy === 'remote') fields.push(`Diagnostic-Code: smtp; ${ascii(reply)}`);
  if (reply !== undefined && replyBy === undefined)
    fields.push(`Diagnostic-Code: x-postfold; ${ascii(reply)}`);
  if (dsn.kind === 'delayed' && dsn.retryUntilMs !== undefined)
    fields.push(`Will-Retry-Until: ${dateTime(dsn.retryUntilMs)}`);
  return fields;
}

/** `rfc822; a@b`, or `utf-8; ` with what is not plain ASCII as \x{...} (RFC 6533 3). */
function typedAddress(address: string): string {
  if (/^[\u0021-\u007e\u0020]*$/.test(address)) return `rfc822; ${address}`;
  const encoded = [...address].map((char) => {
    if (/^[\u0021-\u007e]$/.test(char) && char !== '\\' && char !== '+' && char !== '=') return char;
    return `\\x{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}}`;
  });
  return `utf-8; ${encoded.join('')}`;
}

function ascii(text: string): string {
  return text.replace(/[^\u0020-\u007e]/gu, '?');
}

/** Breaks a long field at blanks (RFC 5322 2.2.3); a word longer than a line is cut nowhere. */
function fold(field: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of field.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > 76) {
      lines.push(line);
      line = ` ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\r\n');
}
