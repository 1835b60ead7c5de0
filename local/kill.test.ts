import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, openCloud } from './cloud.ts';

const ENOUGH = { small: 5, large: 5, message: 5, item: 5 };

test('kill -9 loses nothing that was acknowledged', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'cloud-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  const acknowledged = await writeUntilKilled(dataDir);
  const leftover = join(dataDir, 'objects', '00', 'half-written');
  writeFileSync(leftover, 'x');

  const cloud = await openCloud({ dataDir });
  for (const name of acknowledged.filter((each) => !each.startsWith('message')))
    await assertThere(cloud, name);
  const bodies = await receiveAll(cloud);
  for (const name of acknowledged.filter((each) => each.startsWith('message')))
    assert.ok(bodies.has(name), name);
  assert.ok(!readdirSync(join(dataDir, 'objects', '00')).includes('half-written'));
  await cloud.close();
});

async function writeUntilKilled(dataDir: string): Promise<string[]> {
  const script = join(import.meta.dirname, 'test-support', 'kill-child.ts');
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const acknowledged: string[] = [];
  const missing = new Map<string, number>(Object.entries(ENOUGH));
  for await (const name of createInterface({ input: child.stdout })) {
    acknowledged.push(name);
    const kind = name.split('-')[0] ?? '';
    const left = (missing.get(kind) ?? 0) - 1;
    if (left > 0) missing.set(kind, left);
    else missing.delete(kind);
    if (missing.size === 0) child.kill('SIGKILL');
  }
  await exited;
  return acknowledged;
}

async function assertThere(cloud: Cloud, name: string): Promise<void> {
  if (name.startsWith('item')) {
    const dynamodb = new DynamoDBClient(cloud.clientConfig);
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'kill', Key: { id: { S: name } } }));
    assert.equal(Item?.id?.S, name);
    return;
  }
  const s3 = new S3Client({ ...cloud.clientConfig, forcePathStyle: true });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'kill', Key: name }));
  assert.equal(await Body?.transformToString(), name.startsWith('large') ? name.repeat(50_000) : name);
}

async function receiveAll(cloud: Cloud): Promise<Set<string>> {
  const sqs = new SQSClient(cloud.clientConfig);
  const QueueUrl = 'http://localhost/000000000000/kill';
  const bodies = new Set<string>();
  for (;;) {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (!Messages) return bodies;
    for (const { Body } of Messages) bodies.add(String(Body));
  }
}
