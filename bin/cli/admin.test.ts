import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Command, CommanderError } from 'commander';
import type { MessageId, TenantId } from '../../core/mail/ids.ts';
import type { OutboundJob } from '../../core/mail/transfer/job.ts';
import { openClients } from '../../core/store/clients.ts';
import { SqsOutbound } from '../../core/store/outbound.ts';
import { ensureQueues } from '../../core/store/queues.ts';
import { ensureTables, tableNames } from '../../core/store/tables.ts';
import { type Cloud, openCloud } from '../../local/cloud.ts';
import { connect } from '../start/connect.ts';
import { resourcePrefix } from '../start/stores.ts';
import { registerAdminCommands } from './admin.ts';

let cloud: Cloud;
let url: string;
let queueUrl: string;

before(async () => {
  cloud = await openCloud();
  url = (await cloud.listen()).url;
  const clients = openClients({ requestHandler: cloud.requestHandler });
  await ensureTables(clients.dynamo, tableNames(resourcePrefix));
  queueUrl = await ensureQueues(clients.sqs, resourcePrefix);
});

after(() => cloud.close());

/** Runs the command line in this process against the embedded AWS over HTTP. */
async function run(line: string, input?: string) {
  const said = { out: '', err: '', code: 0 };
  const program = new Command('postfold').exitOverride().configureOutput({
    writeOut: (text) => (said.out += text),
    writeErr: (text) => (said.err += text),
  });
  registerAdminCommands(program, connect, {
    out: (text) => (said.out += `${text}\n`),
    err: (text) => (said.err += `${text}\n`),
    firstLine: async () => input,
    askHidden: async () => undefined,
    exitCode: (code) => (said.code = code),
  });
  const args = line.split(' ').concat(/--help|--aws/.test(line) ? [] : ['--aws-endpoint', url]);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    said.code = error.exitCode;
  }
  return said;
}

const json = async (line: string) => JSON.parse((await run(`${line} --json`)).out);

test('a tenant, a domain, an account, from nothing', async () => {
  assert.equal((await run('tenant add acme')).out, 'tenant acme added\n');
  assert.equal((await run('domain add example.test')).out, 'domain example.test added to tenant acme\n');
  const added = await run('account add Carol@example.test --password-stdin --quota 5GB', 'long enough');
  assert.equal(added.out, 'account carol@example.test added\n');
  const lines = (await run('account list')).out.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^ADDRESS {13}TENANT {2}QUOTA {2}FORWARDS {2}ADDED$/);
  assert.match(lines[1] ?? '', /^carol@example\.test {2}acme {4}5 GB {3}- {9}20\d\d-/);
  assert.match((await run('account show carol@example.test')).out, /^password {7}set$/m);
  const [account] = await json('account list');
  assert.deepEqual(
    [account.address, account.quotaBytes, account.hasPassword],
    ['carol@example.test', 5e9, true],
  );
  assert.equal(JSON.stringify(account).includes('argon2'), false);
});

test('an address that cannot be had is refused before a password is asked for', async () => {
  for (const address of ['nonsense', 'x@nowhere.test', 'carol@example.test']) {
    const { code, err } = await run(`account add ${address}`);
    assert.equal(code, 1, err);
    assert.match(err, new RegExp(`^postfold: .*${address.split('@').at(-1)}`));
  }
});

test('a refusal is one line and exit 1', async () => {
  for (const line of [
    'tenant add acme',
    'domain add example.test --tenant acme',
    'account show x@example.test',
  ]) {
    const { code, out, err } = await run(line);
    assert.deepEqual([code, out, err.trimEnd().split('\n').length], [1, '', 1], line);
    assert.match(err, /^postfold: /);
  }
});

test('passwords come from standard input, good ones only', async () => {
  const short = await run('account passwd carol@example.test --password-stdin', 'short');
  assert.deepEqual([short.code, short.err], [1, 'postfold: the password is shorter than 8 characters\n']);
  assert.equal((await run('account passwd carol@example.test --password-stdin', 'another good one')).code, 0);
  assert.equal((await run('account passwd carol@example.test')).code, 2);
  assert.equal((await run('account passwd carol@example.test --password-stdin')).code, 2);
});

test('quota, forwards, aliases, app passwords, catch-all', async () => {
  assert.match((await run('account quota carol@example.test 750MB')).out, /quota of 750 MB/);
  assert.match((await run('account forward carol@example.test x@else.test --keep-copy')).out, /keeps a copy/);
  assert.match((await run('account forward carol@example.test')).out, /to nobody/);
  assert.match(
    (await run('alias add sales@example.test carol@example.test d@else.test')).out,
    /leads to carol/,
  );
  assert.deepEqual((await json('alias list'))[0].targets, ['carol@example.test', 'd@else.test']);
  assert.equal((await run('alias remove sales@example.test')).code, 0);
  assert.match((await run('app-password add carol@example.test phone')).out, /^([a-z2-7]{4}-?){4}\n$/);
  assert.equal((await json('app-password list carol@example.test'))[0].name, 'phone');
  assert.equal((await run('app-password remove carol@example.test phone')).code, 0);
  assert.match((await run('domain catch-all example.test carol@example.test')).out, /is carol@/);
  assert.match((await run('domain show example.test')).out, /^catch-all {3}carol@example\.test$/m);
});

test('DKIM keys are printed as lines of a zone file', async () => {
  const { out } = await run('domain dkim add example.test');
  const [rsa, ed] = out.trimEnd().split('\n');
  assert.match(
    rsa ?? '',
    /^pf\d{6}-rsa\._domainkey\.example\.test\. IN TXT "v=DKIM1; k=rsa; p=[^"]{200,}" "[^"]+"$/,
  );
  assert.match(
    ed ?? '',
    /^pf\d{6}-ed25519\._domainkey\.example\.test\. IN TXT "v=DKIM1; k=ed25519; p=[^"]+"$/,
  );
  assert.equal((await run('domain dkim list example.test')).out, out);
  assert.equal(JSON.stringify(await json('domain show example.test')).includes('PRIVATE'), false);
});

test('the queue is listed, shown, retried and cancelled', async () => {
  const clients = openClients({ requestHandler: cloud.requestHandler });
  const outbound = new SqsOutbound(
    clients.dynamo,
    clients.sqs,
    { table: tableNames(resourcePrefix).outbound, queueUrl },
    Date.now,
  );
  await outbound.enqueue(job());
  const { jobId } = job();
  assert.match(
    (await run('queue list')).out,
    /queued {2}2 .* carol@example\.test {2}x@else\.test and 1 more {2}busy/,
  );
  assert.match((await run(`queue show ${jobId}`)).out, /^y@else\.test {2}pending/m);
  assert.equal((await run(`queue retry ${jobId}`)).code, 0);
  assert.ok(Date.parse((await json(`queue show ${jobId}`)).dueAt) < job().expiresAtMs);
  assert.equal((await run(`queue cancel ${jobId} --tenant acme`)).code, 0);
  assert.match((await run(`queue cancel ${jobId}`)).err, /has ended already \(cancelled\)/);
  assert.deepEqual(await json('queue list'), []);
  assert.equal((await json('queue list --all')).length, 1);
  assert.equal((await run('queue list --limit 0')).code, 2);
  assert.match((await run('queue show nothing')).err, /there is no job nothing/);
});

test('removal, and what stands against it', async () => {
  assert.match((await run('domain remove example.test')).err, /still has 1 account/);
  assert.equal((await run('account remove carol@example.test')).code, 0);
  assert.equal((await run('domain remove example.test')).code, 0);
  assert.equal((await run('tenant remove acme')).code, 0);
  assert.deepEqual(await json('tenant list'), []);
});

test('a Postfold that is not there is one line', async () => {
  const { code, err } = await run('tenant list --aws-port 1');
  assert.deepEqual(
    [code, err],
    [1, 'postfold: AWS does not answer: is Postfold running? (--aws-port, --aws-endpoint)\n'],
  );
  assert.equal((await run('tenant list --aws-endpoint ftp://x')).code, 2);
});

test('every command has help with examples', async () => {
  const program = new Command('postfold');
  registerAdminCommands(program, connect);
  const leaves = (command: Command): readonly string[] =>
    command.commands.length === 0
      ? [command.name()]
      : command.commands.flatMap((each) => leaves(each).map((name) => `${command.name()} ${name}`));
  const names = leaves(program).map((name) => name.replace('postfold ', ''));
  assert.ok(names.length > 25, names.join());
  for (const name of names) {
    const { out } = await run(`${name} --help`);
    assert.match(out, /^Usage: postfold /);
    assert.match(out, /\nExamples:\n {2}postfold /, name);
  }
});

function job(): OutboundJob {
  const at = Date.UTC(2026, 10, 23);
  return {
    version: 1,
    tenant: 'acme' as TenantId,
    jobId: '0198c7a2-6b1e-7d3a-9c1f-2f6e5d4c3b2a.else.test',
    messageId: '0198c7a2-6b1e-7d3a-9c1f-2f6e5d4c3b2a' as MessageId,
    body: { key: 'acme/bodies/2026-11-23/x', sizeBytes: 5000 },
    origin: 'submission',
    reversePath: 'carol@example.test',
    domain: 'else.test',
    recipients: [
      { address: 'x@else.test', state: 'pending', lastReply: 'busy', lastStatus: '4.3.2' },
      { address: 'y@else.test', state: 'pending' },
    ],
    smtpUtf8: false,
    createdAtMs: at,
    dueAtMs: at + 3_600_000,
    expiresAtMs: at + 5 * 86_400_000 * 365,
    attempts: 2,
    state: 'queued',
  };
}
