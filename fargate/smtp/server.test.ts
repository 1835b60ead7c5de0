import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { testCertificate, testTls } from '../../core/protocol/wire/testing/tls.ts';
import { openWorld, password, type World } from '../../test/support/smtp/world.ts';
import { type SmtpServer, startSmtp } from './server.ts';
import { defaultSettings } from './settings.ts';

let world: World;
let server: SmtpServer;
const settings = {
  ...defaultSettings,
  hostname: 'mx.example.org',
  host: '127.0.0.1',
  port: 0,
  submissionPort: 0,
  submissionsPort: 0,
};

before(async () => {
  world = await openWorld('no-dns');
  server = await startSmtp(
    { backend: world.backend, clock: world.clock, tls: testTls, observe: () => {} },
    settings,
  );
});
after(async () => {
  await server.drain(0);
  await world.close();
});

const tls = { ca: testCertificate, servername: 'localhost' };
const auth = { user: 'ann@example.org', pass: password };

test('nodemailer delivers on 25 with STARTTLS, submits on 587 and 465', async () => {
  const message = { from: 'ann@example.org', to: 'bob@example.org', subject: 'Grüße', text: 'ä\n.\n..\n' };
  const transports = [
    createTransport({ host: '127.0.0.1', port: server.port ?? 0, requireTLS: true, tls }),
    createTransport({ host: '127.0.0.1', port: server.submissionPort ?? 0, requireTLS: true, tls, auth }),
    createTransport({ host: '127.0.0.1', port: server.submissionsPort ?? 0, secure: true, tls, auth }),
  ];
  for (const transport of transports) {
    const { response } = await transport.sendMail(message);
    assert.match(response, /^250 2\.0\.0 queued as/);
    transport.close();
  }
  const protocols = (await world.messagesOf(world.accounts.bob)).map(
    ({ text }) => /with (\S+) id/.exec(text)?.[1],
  );
  assert.deepEqual(protocols, ['ESMTPS', 'ESMTPSA', 'ESMTPSA']);
});

test('<postmaster> without a domain is the postmaster of our own', async () => {
  const client = connect(server.port ?? 0, '127.0.0.1');
  client.end('EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\nQUIT\r\n');
  assert.match(await text(client), /250 2\.1\.5 OK\r\n221/);
});

test('a wrong password is 535 and slow guessing ends', async () => {
  const transport = createTransport({
    host: '127.0.0.1',
    port: server.submissionsPort ?? 0,
    secure: true,
    tls,
    auth: { ...auth, pass: 'wrong' },
  });
  await assert.rejects(transport.verify(), { responseCode: 535 });
  transport.close();
});

test('20 MB go through S3, not through memory, and come back as they were', async () => {
  const { accounts } = world;
  const line = `${'0123456789abcdef'.repeat(4)}\r\n`;
  const body = line.repeat(Math.ceil(20_000_000 / line.length));
  const client = connect(server.port ?? 0, '127.0.0.1');
  const replies = text(client);
  const dialogue =
    'EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<ann@example.org>\r\nRCPT TO:<eve@other.test>\r\nDATA\r\n';
  client.write(dialogue);
  client.write(`Subject: big\r\nReturn-Path: <x@y.test>\r\n\r\n${body}.\r\nQUIT\r\n`);
  assert.match(await replies, /354 .*\r\n250 2\.0\.0 queued as .*\r\n221 /);
  for (const account of [accounts.ann, accounts.eve]) {
    const message = (await world.messagesOf(account)).at(-1);
    assert.equal(message?.record.body.cuts?.length, 1);
    assert.equal(message?.text.length, message?.fact.sizeBytes);
    assert.ok(message?.text.endsWith(`Subject: big\r\n\r\n${body}`));
    assert.ok(message?.record.body.key.startsWith(account.tenant));
  }
});

test('clear text behind STARTTLS is not run, whether it came with it or after it', async () => {
  const client = connect(server.port ?? 0, '127.0.0.1');
  client.write('EHLO c\r\n');
  const until = async (mark: string) => {
    let said = '';
    while (!said.includes(mark)) said += String(await new Promise((resolve) => client.once('data', resolve)));
    return said;
  };
  await until('250 STARTTLS');
  client.write('STARTTLS\r\nMAIL FROM:<evil@example.net>\r\n');
  assert.match(await until('220 2'), /^220 2\.0\.0 Go ahead\r\n$/);
  const secure = connectTls({ socket: client, ...tls });
  secure.write('EHLO c\r\nRCPT TO:<ann@example.org>\r\nQUIT\r\n');
  assert.match(await text(secure), /250 ENHANCEDSTATUSCODES\r\n503 5\.5\.1 .*\r\n221/);
});

const swaks = spawnSync('swaks', ['--version']).status === 0;
test('swaks delivers and is refused', { skip: swaks ? false : 'swaks is not installed' }, async () => {
  const run = promisify(execFile);
  const common = ['--server', `127.0.0.1:${server.port}`, '--ehlo', 'swaks.test', '--from', 'x@sender.test'];
  const { stdout } = await run('swaks', [
    ...common,
    '-tls',
    '--to',
    'bob@example.org,ann@example.org',
    '--pipeline',
  ]);
  assert.match(stdout, /250 2\.0\.0 queued as/);
  const refused = await run('swaks', [...common, '--to', 'x@elsewhere.example']).catch(
    (error: { stdout: string }) => error,
  );
  assert.match(refused.stdout, /550 5\.7\.1 Relaying denied/);
});

test('draining says goodbye to who is there and takes nobody else', async () => {
  const own = await startSmtp({ backend: world.backend, clock: world.clock, observe: () => {} }, settings);
  const client = connect(own.port ?? 0, '127.0.0.1');
  await new Promise((resolve) => client.once('data', resolve));
  const rest = text(client);
  await own.drain(5000);
  assert.match(await rest, /^421 4\.3\.2/);
  assert.equal(own.submissionsPort, undefined);
});
