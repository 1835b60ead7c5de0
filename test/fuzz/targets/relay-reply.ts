/** What a hostile server answers to the relay, and the notification that carries it to the sender. */
import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import type { MessageId } from '../../../core/mail/ids.ts';
import { indexMessage } from '../../../core/mail/message/index-message.ts';
import { composeDsn } from '../../../core/mail/transfer/dsn.ts';
import { outcomeOfReply, type SmtpPhase } from '../../../core/mail/transfer/outcome.ts';
import { ReplyReader } from '../../../core/service/relay/smtp/reply-reader.ts';
import { TransferFailure } from '../../../core/service/relay/smtp/transfer-failure.ts';
import type { Chance } from '../chance.ts';
import type { Target } from '../target.ts';

const phases: readonly SmtpPhase[] = ['greeting', 'ehlo', 'auth', 'mail', 'rcpt', 'data', 'message'];
const words = [
  '250-',
  '250 ',
  '550 5.1.1 ',
  '451-4.7.1 ',
  '552 ',
  '\r\n',
  '\n',
  '\r',
  '--',
  'report-',
  '\xff\xfe',
  '\xc3\xa4',
  '5.9999.1 ',
  '\0',
];

/** Each carries a piece of the input, so that all of them would be its square. */
const maxNotifications = 10;

export const relayReply: Target = {
  name: 'relay-reply',
  words,
  generate: (chance) =>
    Buffer.from(
      chance.some(6, () => line(chance)),
      'latin1',
    ),
  run: async (input) => {
    const [server, client] = duplexPair();
    const reader = new ReplyReader(client);
    server.end(input);
    try {
      for (let replies = 0; ; replies++) {
        const reply = await reader.reply(5000);
        assert.ok(reply.code >= 200 && reply.code <= 599, 'code');
        if (replies >= maxNotifications) continue;
        for (const phase of phases) checkOutcome(outcomeOfReply(reply, phase, 'mx.example.net'), input);
      }
    } catch (error) {
      if (!(error instanceof TransferFailure)) throw error;
    } finally {
      client.destroy();
      server.destroy();
    }
  },
};

function line(chance: Chance): string {
  return `${chance.pick(['250', '354', '421', '450', '550', '552', '199', chance.number()])}${chance.pick([' ', '-', ''])}${chance.some(3, () => chance.pick(words))}\r\n`;
}

function checkOutcome(outcome: ReturnType<typeof outcomeOfReply>, original: Buffer): void {
  assert.ok(/^[245]\.\d{1,3}\.\d{1,3}$/.test(outcome.status), 'status');
  assert.ok(Buffer.byteLength(outcome.reply) <= 500, 'reply too long');
  assert.ok(!/[\0-\x1f\x7f]/.test(outcome.reply), 'reply of several lines');
  if (outcome.kind !== 'failed') return;
  const { status, reply } = outcome;
  const octets = composeDsn({
    kind: 'failed',
    messageId: '01890000-0000-7000-8000-000000000001' as MessageId,
    reportingHost: 'mail.example.org',
    sender: 'ann@example.org',
    nowMs: 1_700_000_000_000,
    arrivedAtMs: 1_700_000_000_000,
    recipients: [
      { address: 'bob@example.net', status, reply, replyBy: 'remote', remoteHost: 'mx.example.net' },
    ],
    originalHeader: original,
  });
  const { parts } = indexMessage(octets);
  const types = parts.children.map((part) => `${part.type}/${part.subtype}`);
  assert.deepEqual([parts.type, types.length, types[1]], ['multipart', 3, 'message/delivery-status'], 'DSN');
}
