import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openWorlds } from './world.ts';

const worlds = await openWorlds();
after(() => worlds.close());

async function serve(t: TestContext, insecureAuth = false) {
  const settings = { tls: true, insecureAuth, quotaBytes: 0, maxAppendOctets: 50 * 1024 * 1024 };
  const world = worlds.open(settings);
  const server = await world.listen();
  t.after(async () => {
    await server.drain(0);
    await world.close();
  });
  return { world, server };
}

const missing = (command: string) =>
  spawnSync('sh', ['-c', `command -v ${command}`]).status === 0 ? false : `${command} is not installed`;

for (const security of ['tls', 'starttls']) {
  test(`imaplib, over ${security}`, { skip: missing('python3') }, async (t) => {
    const { server } = await serve(t);
    const port = security === 'tls' ? server.tlsPort : server.port;
    const said = await run('python3', [join(import.meta.dirname, 'clients.py'), `${port}`, security]);
    assert.equal(said.trim(), 'imaplib agrees');
  });
}

test('curl lists, fetches, appends and searches', { skip: missing('curl') }, async (t) => {
  const { world, server } = await serve(t);
  const message = 'Subject: for curl\r\n\r\nwords\r\n';
  await world.deliver(message);
  const url = `imaps://127.0.0.1:${server.tlsPort}`;
  const curl = (...args: string[]) =>
    run('curl', ['-sS', '-k', '--user', 'ann@example.org:se cret', ...args]);
  assert.equal(await curl(`${url}/INBOX;MAILINDEX=1`), message);
  assert.equal(await curl(`${url}/INBOX;UID=1;SECTION=TEXT`), 'words\r\n');
  assert.match(await curl(`${url}/`), /\* LIST \(\\HasNoChildren\) "\/" INBOX\r\n/);
  const file = join(mkdtempSync(join(tmpdir(), 'imap-')), 'message');
  writeFileSync(file, message);
  await curl(`${url}/Drafts`, '-T', file);
  rmSync(join(file, '..'), { recursive: true });
  const plain = `imap://127.0.0.1:${server.port}/Drafts?SUBJECT%20curl`;
  assert.equal(await curl('--ssl-reqd', '--login-options', 'AUTH=PLAIN', plain), '* SEARCH 1\r\n');
});

test('mbsync brings a mailbox here and back', { skip: missing('mbsync') }, async (t) => {
  const { world, server } = await serve(t, true);
  for (let number = 0; number < 30; number++) await world.deliver(`Subject: ${number}\r\n\r\n${number}\r\n`);
  const folder = mkdtempSync(join(tmpdir(), 'mbsync-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'mbsyncrc');
  writeFileSync(config, mbsyncConfig(server.port, folder));
  await run('mbsync', ['-c', config, '-a']);
  const inbox = join(folder, 'INBOX');
  const files = ['new', 'cur'].flatMap((name) =>
    readdirSync(join(inbox, name)).map((file) => join(inbox, name, file)),
  );
  assert.equal(files.length, 30);
  assert.ok(files.some((file) => /Subject: 17\nX-TUID: .*\n\n17\n/.test(readFileSync(file, 'utf8'))));
  writeFileSync(join(inbox, 'new', '1.local'), 'Subject: from here\n\nhello\n');
  await run('mbsync', ['-c', config, '-a']);
  const { output } = await talk(server.port, [
    'a LOGIN ann@example.org "se cret"',
    'b SELECT INBOX',
    'c FETCH 31 BODY.PEEK[HEADER.FIELDS (Subject)]',
    'd LOGOUT',
  ]);
  assert.match(output, /\* 31 EXISTS/);
  assert.match(output, /Subject: from here\r\n/);
});

function mbsyncConfig(port: number, folder: string): string {
  return `IMAPAccount a
Host 127.0.0.1
Port ${port}
User ann@example.org
Pass "se cret"
SSLType None
AuthMechs LOGIN

IMAPStore far
Account a

MaildirStore near
Path ${folder}/
Inbox ${folder}/INBOX
SubFolders Verbatim

Channel c
Far :far:
Near :near:
Patterns *
Create Both
SyncState *
`;
}

test('a client that does not read stops the answer at its source', async (t) => {
  const { world, server } = await serve(t, true);
  await world.deliver(`Subject: large\r\n\r\n${'x'.repeat(40_000_000)}\r\n`);
  const client = connect(server.port, '127.0.0.1');
  t.after(() => client.destroy());
  client.write('a LOGIN ann@example.org "se cret"\r\nb SELECT INBOX\r\nc FETCH 1 BODY[]\r\n');
  await once(client, 'readable');
  const before = process.memoryUsage();
  await wait(300);
  const { external, arrayBuffers } = process.memoryUsage();
  const grown = external + arrayBuffers - before.external - before.arrayBuffers;
  assert.ok(grown < 60_000_000, `${grown} octets were read ahead`);
});

test('draining says goodbye to all', async (t) => {
  const { server } = await serve(t, true);
  const client = connect(server.port, '127.0.0.1');
  client.write('a LOGIN ann@example.org "se cret"\r\nb IDLE\r\n');
  const chunks: Buffer[] = [];
  client.on('data', (chunk: Buffer) => chunks.push(chunk));
  while (!Buffer.concat(chunks).includes('+ idling')) await once(client, 'data');
  await server.drain(5000);
  assert.match(Buffer.concat(chunks).toString(), /\* BYE Server is shutting down\r\n$/);
});

async function talk(port: number, lines: readonly string[]) {
  const client = connect(port, '127.0.0.1');
  client.write(lines.map((line) => `${line}\r\n`).join(''));
  return { output: await text(client) };
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 });
  child.stdout.setEncoding('latin1');
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  assert.equal(code, 0, err + out);
  return out;
}
