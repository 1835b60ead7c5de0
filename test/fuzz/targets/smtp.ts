/** Whole SMTP sessions: well-formed replies, no failure, and no message with a bare CR or LF. */
import assert from 'node:assert/strict';
import type { SmtpEvent } from '../../../core/protocol/smtp/context.ts';
import { serveSmtp } from '../../../core/protocol/smtp/session.ts';
import { MemoryBackend } from '../../../core/protocol/smtp/testing/memory-backend.ts';
import type { Target } from '../target.ts';
import { converse, EagerClock } from './session.ts';

const words = [
  'EHLO client.example.net\r\n',
  'HELO [192.0.2.1]\r\n',
  'EHLO [IPv6:2001:db8::1]\r\n',
  'MAIL FROM:<bob@example.net> SIZE=10 BODY=8BITMIME\r\n',
  'MAIL FROM:<> SMTPUTF8 AUTH=<> RET=HDRS ENVID=x+2B\r\n',
  'MAIL FROM:<@a,@b:"a b"@example.net>\r\n',
  'RCPT TO:<ann@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x\r\n',
  'RCPT TO:<"a b"@example.org>\r\n',
  'RCPT TO:<unknown@example.org>\r\n',
  'RCPT TO:<Postmaster>\r\n',
  'DATA\r\n',
  'Subject: x\r\n\r\n..dot\r\n.\r\n',
  '\r\n.\r\n',
  '\n.\n',
  '\r.\r',
  'BDAT 5 LAST\r\nhello',
  'RSET\r\n',
  'VRFY x\r\n',
  'EXPN x\r\n',
  'HELP\r\n',
  'NOOP\r\n',
  'STARTTLS\r\n',
  'AUTH PLAIN AGFubkBleGFtcGxlLm9yZwBzZWNyZXQ=\r\n',
  'AUTH LOGIN\r\nYW5uQGV4YW1wbGUub3Jn\r\nc2VjcmV0\r\n',
  'AUTH PLAIN\r\n*\r\n',
  'QUIT\r\n',
  '\xff',
  '\0',
  '<',
  '>',
  '"',
  '@',
];

/** The first octet chooses the port. */
export const smtp: Target = {
  name: 'smtp',
  words,
  generate: (chance) => {
    const opening = chance.pick([
      '',
      'EHLO a.example\r\nMAIL FROM:<b@example.net>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n',
    ]);
    return Buffer.from(
      `${chance.pick(['m', 's'])}${opening}${chance.some(8, () => chance.pick(words))}`,
      'latin1',
    );
  },
  run: async (input) => {
    const backend = new MemoryBackend();
    const events: SmtpEvent[] = [];
    const mode = input[0] === 0x73 ? 'submission' : 'mx';
    const settings = {
      mode,
      hostname: 'mx.example.org',
      maxMessageOctets: 100_000,
      insecureAuth: true,
    } as const;
    const dependencies = {
      backend,
      clock: new EagerClock(),
      observe: (event: SmtpEvent) => void events.push(event),
    };
    const draining = new AbortController().signal;
    const said = await converse(input.subarray(1), (stream) =>
      serveSmtp(stream, '192.0.2.1', dependencies, settings, draining),
    );
    for (const event of events) if (event.kind === 'failure' && !isScripted(event.error)) throw event.error;
    assert.match(said.toString('latin1'), /^220 .*\r\n(?:[2-5]\d\d[ -][\x20-\x7e]*\r\n)*$/, 'replies');
    for (const { octets } of backend.taken)
      assert.ok(!/(?<!\r)\n|\r(?!\n)/.test(octets.toString('latin1')), 'a bare CR or LF was taken');
  },
};

/** The backend fails when it is asked to. */
function isScripted(error: unknown): boolean {
  return error instanceof Error && / is down$/.test(error.message);
}
