/** The IMAP command parser: commands with literals, read off a stream, give a command or a fault, never an error. */
import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { parseCommand } from '../../../core/protocol/imap/parse/parse-command.ts';
import { literalAtEnd, readCommand } from '../../../core/protocol/imap/parse/read-command.ts';
import { Connection, ConnectionEnded } from '../../../core/protocol/wire/connection.ts';
import type { Chance } from '../chance.ts';
import type { Target } from '../target.ts';

export const imapWords: readonly string[] = [
  'LOGIN ann@example.org "se cret"',
  'SELECT INBOX',
  'SELECT INBOX (CONDSTORE)',
  'EXAMINE "Drafts"',
  'FETCH 1:* (FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)',
  'FETCH 1 BODY.PEEK[1.2.HEADER.FIELDS (Subject "To")]<0.10>',
  'FETCH 1 (BODY[] BODY[TEXT] BODY[1.MIME] BINARY.PEEK[1]<0.5> BINARY.SIZE[1] PREVIEW (LAZY))',
  'FETCH 1:* (MODSEQ) (CHANGEDSINCE 1 VANISHED)',
  'UID FETCH 1:4294967295 ALL',
  'SEARCH RETURN (MIN MAX COUNT ALL SAVE) OR NOT SEEN (SINCE 1-Jan-2024 LARGER 1)',
  'SEARCH CHARSET UTF-8 TEXT {3+}\r\nabc',
  'SEARCH HEADER Subject "x" MODSEQ "/flags/\\\\Seen" all 5 UID 1:*',
  'STORE 1:2 (UNCHANGEDSINCE 3) +FLAGS.SILENT (\\Seen $Junk)',
  'UID STORE $ -FLAGS (\\Deleted)',
  'COPY 1:2 Drafts',
  'UID MOVE 1 Trash',
  'EXPUNGE',
  'UID EXPUNGE 1:*',
  'APPEND Drafts (\\Seen) "01-Jan-2024 10:00:00 +0100" {5+}\r\nhello',
  'LIST "" "*"',
  'LIST (SUBSCRIBED RECURSIVEMATCH) "" ("%" "a/*") RETURN (CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN))',
  'LSUB "" "%"',
  'STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE DELETED)',
  'CREATE "a/b" (USE (\\Archive))',
  'RENAME "a" "&AOQ-"',
  'DELETE a',
  'SUBSCRIBE a',
  'UNSUBSCRIBE a',
  'ENABLE CONDSTORE QRESYNC UTF8=ACCEPT',
  'ID ("name" "x" "version" NIL)',
  'IDLE\r\nDONE',
  'NOOP',
  'CHECK',
  'CLOSE',
  'UNSELECT',
  'NAMESPACE',
  'GETQUOTAROOT INBOX',
  'GETQUOTA ""',
  'AUTHENTICATE PLAIN AGFubkBleGFtcGxlLm9yZwBzZSBjcmV0',
  'CAPABILITY',
  'LOGOUT',
  '{4+}\r\nabcd',
  '~{2+}\r\n\0a',
  '"a\\"b"',
  '(',
  ')',
  '*',
  ':',
  '\r\n',
  'NIL',
  'UID ',
];

/** A session of a few commands. */
export function imapDialogue(chance: Chance, most: number): string {
  return chance.some(most, () => `${chance.pick(['a', 'A1', 'b.2', '', '+'])} ${chance.pick(imapWords)}\r\n`);
}

/** A session ends after a few bad commands in a row; nothing is learned from a hundred thousand of them. */
const maxCommands = 1000;

export const imapCommand: Target = {
  name: 'imap-command',
  words: imapWords,
  generate: (chance) => Buffer.from(imapDialogue(chance, 3), 'latin1'),
  run: async (input) => {
    const [server, client] = duplexPair();
    client.resume();
    client.end(input);
    const connection = new Connection(server, 5000);
    try {
      for (let commands = 0; commands < maxCommands; commands++) await one(connection);
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) throw error;
    } finally {
      server.destroy();
      client.destroy();
    }
    const text = input.toString('latin1').replace(/\r?\n$/, '');
    parseCommand(text, literalAtEnd(text));
  },
};

async function one(connection: Connection): Promise<void> {
  const incoming = await readCommand(
    connection,
    { maxOctets: 64 * 1024, maxSwallowed: 1 << 20 },
    async () => {},
  );
  if (incoming.kind === 'hopeless') throw new ConnectionEnded('closed');
  if (incoming.kind === 'refused') return;
  const parsed = parseCommand(incoming.text, incoming.literal);
  if ('fault' in parsed)
    assert.ok(/^[\x20-\x7e]+$/.test(parsed.fault), `fault ${JSON.stringify(parsed.fault)}`);
  for await (const _ of connection.readOctets(incoming.literal?.octets ?? 0)) {
    // A message: nobody looks at it here.
  }
}
