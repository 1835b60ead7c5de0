/**
 * The words of a notification, for somebody who has never heard of SMTP: what happened, to
 * whom, what was said, and whether anything is left to do.
 */
import { type Dsn, type DsnRecipient, dateTime } from './dsn.ts';

/** ASCII; says the same in six words. */
export function subjectOf(dsn: Dsn): string {
  return dsn.kind === 'failed' ? 'Delivery failed: your message came back' : 'Delivery delayed: still trying';
}

/** CRLF lines; may hold UTF-8 where an address or a reply does. */
export function humanText(dsn: Dsn): string {
  const lines = [
    `This is the mail system at ${dsn.reportingHost}.`,
    '',
    ...(dsn.kind === 'failed' ? failedIntro(dsn) : delayedIntro(dsn)),
    '',
    ...dsn.recipients.flatMap((one) => [...recipientLines(one), '']),
    'The header of your message is attached.',
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

function failedIntro(dsn: Dsn): string[] {
  return [
    `Your message of ${dateTime(dsn.arrivedAtMs)}`,
    'could not be delivered to the following recipients.',
    'It will not be tried again.',
  ];
}

function delayedIntro(dsn: Dsn): string[] {
  const until = dsn.retryUntilMs === undefined ? [] : [`until ${dateTime(dsn.retryUntilMs)}.`];
  return [
    `Your message of ${dateTime(dsn.arrivedAtMs)}`,
    'could not be delivered yet to the following recipients.',
    'You need not send it again: we keep trying',
    ...(until.length > 0 ? until : ['and tell you if we give up.']),
  ];
}

function recipientLines(recipient: DsnRecipient): string[] {
  const { address, originalAddress, reply, remoteHost } = recipient;
  const via = originalAddress === undefined || originalAddress === address ? '' : ` (for ${originalAddress})`;
  const lines = [`  ${address}${via}`];
  if (recipient.status === '4.4.7') lines.push('    It took too long. The last thing that stood in the way:');
  if (reply === undefined) lines.push(`    Status ${recipient.status}`);
  else if (recipient.replyBy === 'remote')
    lines.push(`    ${remoteHost ?? 'The other side'} said:`, ...wrapped(reply));
  else lines.push(...wrapped(reply));
  return lines;
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length > 66) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `    ${one}`);
}
