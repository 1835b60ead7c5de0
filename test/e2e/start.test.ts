/** The command as a user meets it: what it prints, how it stops, what it says of mistakes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { GetBucketEncryptionCommand, S3Client } from '@aws-sdk/client-s3';
import { bucketName } from '../../bin/start/stores.ts';
import { imap, outside } from '../support/clients.ts';
import { alice, postfoldFor, runPostfold, startPostfold } from '../support/postfold.ts';

const postfold = await postfoldFor(after);

test('it says where everything is and what to try', () => {
  const text = postfold.output.join('\n');
  for (const port of Object.values(postfold.ports)) assert.match(text, new RegExp(`\\b${port}\\b`));
  assert.match(text, /swaks .*alice@example\.test/);
  assert.match(text, /curl /);
});

test('its bucket is encrypted by default as the deployed one', async (t) => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const endpoint = `http://127.0.0.1:${postfold.awsPort}`;
  const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  t.after(() => s3.destroy());
  const got = await s3.send(new GetBucketEncryptionCommand({ Bucket: bucketName }));
  const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: true };
  assert.deepEqual(got.ServerSideEncryptionConfiguration?.Rules, [rule]);
});

const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a bad option', ['--port-offset', 'many'], /--port-offset/],
  ['an unknown option', ['--frobnicate'], /--frobnicate/],
  [
    'a port in use',
    ['--port-offset', `${postfold.ports.smtp - 25}`, '--data', 'fresh', '--aws-port', '1'],
    /in use|EACCES|permission/,
  ],
  [
    'the AWS port in use',
    ['--port-offset', '19000', '--data', 'fresh', '--aws-port', `${postfold.awsPort}`],
    new RegExp(`port ${postfold.awsPort} .*in use`),
  ],
  [
    'an AWS endpoint where nobody listens',
    ['--port-offset', '19000', '--data', 'fresh', '--aws-endpoint', 'http://127.0.0.1:1'],
    /AWS does not answer/,
  ],
  ['clear-text passwords off loopback', ['--host', '0.0.0.0', '--insecure-auth'], /loopback/],
  [
    'a folder that another Postfold has',
    ['--data', postfold.dataDir, '--port-offset', '40000', '--aws-port', '1'],
    /in use/,
  ],
  ['an unwritable folder', ['--data', '/proc/postfold'], /\/proc\/postfold/],
];

for (const [what, options, says] of mistakes) {
  test(`${what} is one clear line and exit 2`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'postfold-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const { code, stderr } = await runPostfold([
      'start',
      ...options.map((option) => (option === 'fresh' ? folder : option)),
    ]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  });
}

test('a folder that is a file is one clear line and exit 2', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'postfold-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), '');
  const { code, stderr } = await runPostfold(['start', '--data', join(folder, 'file')]);
  assert.equal(code, 2, stderr);
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
});

test('SIGTERM drains and exits 0, and the next start has the mail', async (t) => {
  const first = await startPostfold();
  t.after(() => rmSync(first.dataDir, { recursive: true }));
  await outside(first).sendMail({ from: 'a@example.org', to: alice, subject: 'kept', text: 'x' });
  assert.equal(await first.stop(), 0);
  const second = await startPostfold({ dataDir: first.dataDir });
  const client = await imap(second);
  assert.equal((await client.mailboxOpen('INBOX')).exists, 1);
  await client.logout();
  assert.equal(await second.stop(), 0);
});

test('Ctrl-C that comes twice, from the terminal and from npm, drains too', async (t) => {
  const running = await startPostfold();
  t.after(() => rmSync(running.dataDir, { recursive: true }));
  const idle = await imap(running);
  const closed = once(idle, 'close');
  await idle.mailboxOpen('INBOX');
  process.kill(running.pid, 'SIGINT');
  await closed; // the first one has been seen
  process.kill(running.pid, 'SIGINT');
  assert.equal(await running.stop(), 0);
});

test('accounts are added, used and removed from the command line', async () => {
  const aws = ['--aws-port', `${postfold.awsPort}`];
  const added = await runPostfold(
    ['account', 'add', 'carol@example.test', '--password-stdin', ...aws],
    'a long enough secret\n',
  );
  assert.equal(added.code, 0, added.stderr);
  await outside(postfold).sendMail({
    from: 'a@example.org',
    to: 'carol@example.test',
    subject: 'hello',
    text: 'x',
  });
  const listed = await runPostfold(['account', 'list', '--json', ...aws]);
  assert.ok(
    JSON.parse(listed.stdout).some(
      (account: { address?: string }) => account.address === 'carol@example.test',
    ),
  );
  const removed = await runPostfold(['account', 'remove', 'carol@example.test', ...aws]);
  assert.equal(removed.code, 0, removed.stderr);
  await assert.rejects(
    outside(postfold).sendMail({
      from: 'a@example.org',
      to: 'carol@example.test',
      subject: 'gone',
      text: 'x',
    }),
    /550/,
  );
});

test('--help is there for every command', async () => {
  for (const command of [[], ['start'], ['tenant'], ['domain'], ['account'], ['alias'], ['queue']]) {
    const { code, stdout } = await runPostfold([...command, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: postfold/m);
  }
});
