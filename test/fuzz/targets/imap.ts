/** Whole IMAP sessions over the real account service on an embedded AWS: whole responses, no failure, no bug. */
import assert from 'node:assert/strict';
import { openWorlds } from '../../dialogues/imap/world.ts';
import type { Target } from '../target.ts';
import { imapDialogue, imapWords } from './imap-command.ts';
import { assertImapResponses } from './imap-syntax.ts';
import { converse } from './session.ts';

const settings = { tls: false, insecureAuth: true, quotaBytes: 1_000_000, maxAppendOctets: 100_000 };
const message =
  'From: =?utf-8?Q?=C3=A4?= <a@b.example>\r\nSubject: =?utf-8?B?w6Q=?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n' +
  '--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n' +
  'Subject: in\r\n\r\nbody\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--b--\r\n';
/** Accounts of one embedded AWS, before a new one is opened: it keeps everything in memory. */
const maxAccounts = 200;

let worlds: Awaited<ReturnType<typeof openWorlds>> | undefined;
let accounts = 0;

export const imap: Target = {
  name: 'imap',
  words: imapWords,
  generate: (chance) => {
    const opening = chance.pick([
      '',
      'a LOGIN ann@example.org "se cret"\r\n',
      'a LOGIN ann@example.org "se cret"\r\nb SELECT INBOX\r\n',
    ]);
    return Buffer.from(opening + imapDialogue(chance, 6), 'latin1');
  },
  run: async (input) => {
    if (accounts++ % maxAccounts === 0) await reopen();
    assert.ok(worlds);
    const world = worlds.open(settings);
    await world.deliver(message);
    await world.deliver('no header');
    const draining = new AbortController().signal;
    const said = await converse(
      input,
      (stream) => world.serve(stream, draining),
      () => world.wait(5000),
    );
    await world.close();
    assert.ok(!world.events.includes('bug'), 'a bug was reported');
    assert.ok(!world.events.includes('failure'), 'a failure was reported');
    assertImapResponses(said);
  },
  close: async () => {
    await worlds?.close();
    worlds = undefined;
    accounts = 0;
  },
};

async function reopen(): Promise<void> {
  await worlds?.close();
  worlds = await openWorlds();
}
