/** Whole POP3 sessions on a maildrop in memory: whole replies, no failure, nobody holds the account afterwards. */
import assert from 'node:assert/strict';
import type { Identity } from '../../../core/mail/ports/directory.ts';
import type { Pop3Event } from '../../../core/protocol/pop3/context.ts';
import { servePop3 } from '../../../core/protocol/pop3/session.ts';
import { MemoryAccount } from '../../../core/protocol/pop3/testing/memory-account.ts';
import { Connection } from '../../../core/protocol/wire/connection.ts';
import type { Target } from '../target.ts';
import { converse, EagerClock } from './session.ts';

const words = [
  'USER ann@example.org\r\n',
  'PASS se cret\r\n',
  'APOP ann x\r\n',
  'AUTH PLAIN AGFubkBleGFtcGxlLm9yZwBzZSBjcmV0\r\n',
  'AUTH PLAIN\r\nAGFubkBleGFtcGxlLm9yZwBzZSBjcmV0\r\n',
  'AUTH\r\n*\r\n',
  'CAPA\r\n',
  'STAT\r\n',
  'LIST\r\n',
  'LIST 1\r\n',
  'UIDL\r\n',
  'UIDL 2\r\n',
  'RETR 1\r\n',
  'RETR 3\r\n',
  'TOP 2 1\r\n',
  'TOP 1 4294967296\r\n',
  'DELE 1\r\n',
  'RSET\r\n',
  'NOOP\r\n',
  'STLS\r\n',
  'QUIT\r\n',
  'UTF8\r\n',
  '\r\n',
  '\xff',
  '\0',
  ' ',
];
const messages = ['Subject: one\r\n\r\n.dot\r\n..\r\n', 'no end', '\r\n.\r\n', '', '\n.\r\n'];

export const pop3: Target = {
  name: 'pop3',
  words,
  generate: (chance) => {
    const opening = chance.oneIn(4) ? '' : 'USER ann@example.org\r\nPASS se cret\r\n';
    return Buffer.from(`${opening}${chance.some(10, () => chance.pick(words))}`, 'latin1');
  },
  run: async (input) => {
    const account = new MemoryAccount();
    for (const message of messages) account.deliver(message);
    const events: Pop3Event[] = [];
    const dependencies = {
      directory: {
        authenticate: async (login: string, password: string) => identityOf(account, login, password),
      },
      accounts: account,
      clock: new EagerClock(),
      insecureAuth: true,
      onEvent: (event: Pop3Event) => void events.push(event),
    };
    const draining = new AbortController().signal;
    const said = await converse(input, (stream) =>
      servePop3(dependencies, new Connection(stream, 5000), '192.0.2.1', draining),
    );
    for (const event of events) if (event.event === 'pop3.failure') throw event.error;
    assert.equal(account.holders, 0, 'the account is held');
    assert.match(said.toString('latin1'), /^\+OK [^\r\n]*\r\n(?:[\s\S]*\r\n)?$/, 'whole lines');
  },
};

function identityOf(account: MemoryAccount, login: string, password: string): Identity | undefined {
  if (login.toLowerCase() !== 'ann@example.org' || password !== 'se cret') return undefined;
  return { account: account.key, login: 'ann@example.org', quotaBytes: 0 };
}
