/** Clients that users have: mbsync both ways, curl, Python's standard library. */
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { imap, outside, submission } from '../support/clients.ts';
import { alice, bob, missing, password, postfoldFor, run } from '../support/postfold.ts';

const postfold = await postfoldFor(after);

async function deliver(subject: string, to = alice): Promise<void> {
  await outside(postfold).sendMail({
    from: 'sender@example.org',
    to,
    subject,
    text: `the text of ${subject}`,
  });
}

test('mbsync mirrors the mailbox both ways', { skip: await missing('mbsync') }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mbsync-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'Maildir'));
  const config = join(folder, 'mbsyncrc');
  writeFileSync(config, mbsyncConfig(folder, bob));
  await deliver('first for the mirror', bob);
  await deliver('second for the mirror', bob);

  const sync = async () => {
    const { code, stderr } = await run('mbsync', ['-c', config, '-a']);
    assert.equal(code, 0, stderr);
  };
  await sync();
  const inbox = join(folder, 'Maildir/INBOX');
  const files = readdirSync(join(inbox, 'new'));
  assert.equal(files.length, 2);
  const texts = files.map((file) => readFileSync(join(inbox, 'new', file), 'utf8')).sort();
  assert.match(texts[0] ?? '', /first for the mirror/);

  const [read = '', added = 'own'] = files;
  renameSync(join(inbox, 'new', read), join(inbox, 'cur', `${read.replace(/:.*$/, '')}:2,FS`));
  writeFileSync(
    join(inbox, 'new', added.replace(/^\d+/, '1').replace(/,U=\d+.*$/, '')),
    'Subject: made here\r\n\r\nhello\r\n',
  );
  await sync();

  const client = await imap(postfold, bob);
  await client.mailboxOpen('INBOX');
  const found = await client.fetchAll('1:*', { flags: true, envelope: true });
  assert.deepEqual(found.map((message) => message.envelope?.subject).sort(), [
    'first for the mirror',
    'made here',
    'second for the mirror',
  ]);
  assert.equal(found.filter(({ flags }) => flags?.has('\\Seen') && flags.has('\\Flagged')).length, 1);
  await client.logout();
});

test('curl reads over imaps and pop3s', { skip: await missing('curl') }, async () => {
  await deliver('for curl');
  const login = ['--silent', '--show-error', '--insecure', '--user', `${alice}:${password}`];
  const overImap = await run('curl', [
    ...login,
    `imaps://127.0.0.1:${postfold.ports.imaps}/INBOX;MAILINDEX=1`,
  ]);
  assert.equal(overImap.code, 0, overImap.stderr);
  assert.match(overImap.stdout, /Subject: for curl/);
  const overPop3 = await run('curl', [...login, `pop3s://127.0.0.1:${postfold.ports.pop3s}/1`]);
  assert.equal(overPop3.code, 0, overPop3.stderr);
  assert.match(overPop3.stdout, /the text of for curl/);
  const message = 'From: alice@example.test\r\nTo: bob@example.test\r\nSubject: by curl\r\n\r\nhi\r\n';
  const sent = await run(
    'curl',
    [
      ...[...login, '--ssl-reqd', '--mail-from', alice, '--mail-rcpt', bob, '--upload-file', '-'],
      `smtp://127.0.0.1:${postfold.ports.submission}`,
    ],
    message,
  );
  assert.equal(sent.code, 0, sent.stderr);
});

test("Python's smtplib, imaplib and poplib work", { skip: await missing('python3') }, async () => {
  const script = join(import.meta.dirname, 'python-clients.py');
  const { ports } = postfold;
  const args = [script, ports.submission, ports.imap, ports.pop3, alice, password].map(String);
  const { code, stdout, stderr } = await run('python3', args);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.trim(), 'smtplib, imaplib and poplib agree');
});

test('two IMAP sessions see each other and new mail reaches IDLE within a second', async () => {
  const [one, two] = [await imap(postfold), await imap(postfold)];
  await one.mailboxOpen('INBOX');
  await two.mailboxOpen('INBOX');
  const arrived = new Promise<number>((resolve) => two.once('exists', () => resolve(Date.now())));
  const idling = two.idle();
  const sent = Date.now();
  await submission(postfold, bob).sendMail({ from: bob, to: alice, subject: 'wake up', text: 'now' });
  assert.ok((await arrived) - sent < 2000, 'the whole way from submission to EXISTS');

  const flagged = new Promise<void>((resolve) => two.once('flags', () => resolve()));
  await one.noop();
  await one.messageFlagsAdd('*', ['\\Flagged']);
  await flagged;
  const expunged = new Promise<void>((resolve) => two.once('expunge', () => resolve()));
  await one.messageDelete('*');
  await expunged;
  await two.noop();
  await idling;
  await one.logout();
  await two.logout();
});

function mbsyncConfig(folder: string, user: string): string {
  return `
IMAPAccount postfold
Host 127.0.0.1
Port ${postfold.ports.imaps}
User ${user}
Pass "${password}"
SSLType IMAPS
CertificateFile ${join(postfold.dataDir, 'tls', 'cert.pem')}

IMAPStore remote
Account postfold

MaildirStore local
Path ${folder}/Maildir/
Inbox ${folder}/Maildir/INBOX
SubFolders Verbatim

Channel all
Far :remote:
Near :local:
Patterns *
Create Both
Expunge Both
SyncState *
`;
}
