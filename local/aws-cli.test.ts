import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openCloud } from './cloud.ts';

const run = promisify(execFile);

function missing(): string | false {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'the aws CLI is not installed';
  }
}

test('the aws CLI works on it', { skip: missing() }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const cloud = await openCloud({ dataDir: join(folder, 'data') });
  const { url } = await cloud.listen();
  cloud.registerFunction('double', async (event) => Number(event) * 2);
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_CONFIG_FILE: join(folder, 'none'),
    AWS_PAGER: '',
  };
  const aws = async (...args: string[]) =>
    (await run('aws', ['--endpoint-url', url, ...args], { env })).stdout;

  await Promise.all([objects(aws, folder), items(aws), messages(aws), functions(aws, folder)]);
  await cloud.close();
});

type Aws = (...args: string[]) => Promise<string>;

async function objects(aws: Aws, folder: string): Promise<void> {
  // Above the CLI's multipart threshold of 8 MB.
  const file = join(folder, 'mail.eml');
  writeFileSync(file, Buffer.alloc(9_000_000, 'line\r\n'));
  await aws('s3', 'mb', 's3://cli-bucket');
  await aws('s3', 'cp', file, 's3://cli-bucket/tenant/mail.eml');
  assert.match(await aws('s3', 'ls', '--recursive', 's3://cli-bucket/'), / 9000000 tenant\/mail\.eml/);
  await aws('s3', 'cp', 's3://cli-bucket/tenant/mail.eml', join(folder, 'back'));
  assert.ok(readFileSync(join(folder, 'back')).equals(readFileSync(file)));
}

async function items(aws: Aws): Promise<void> {
  const [key, type] = ['AttributeName=id,KeyType=HASH', 'AttributeName=id,AttributeType=S'];
  const table = ['--table-name', 'cli', '--key-schema', key, '--attribute-definitions', type];
  await aws('dynamodb', 'create-table', ...table, '--billing-mode', 'PAY_PER_REQUEST');
  await aws('dynamodb', 'put-item', '--table-name', 'cli', '--item', '{"id":{"S":"1"},"n":{"N":"5"}}');
  assert.match(await aws('dynamodb', 'scan', '--table-name', 'cli'), /"N": "5"/);
}

async function messages(aws: Aws): Promise<void> {
  const { QueueUrl } = JSON.parse(await aws('sqs', 'create-queue', '--queue-name', 'cli'));
  await aws('sqs', 'send-message', '--queue-url', QueueUrl, '--message-body', 'hello');
  assert.match(await aws('sqs', 'receive-message', '--queue-url', QueueUrl), /"Body": "hello"/);
}

async function functions(aws: Aws, folder: string): Promise<void> {
  const out = join(folder, 'out.json');
  await aws('lambda', 'invoke', '--function-name', 'double', '--payload', '21', out);
  assert.equal(readFileSync(out, 'utf8'), '42');
}
