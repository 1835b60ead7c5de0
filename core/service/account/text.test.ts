import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageId } from '../../mail/ids.ts';
import { MessageIndexer } from '../../mail/message/index-message.ts';
import { messageRecord } from './stage.ts';
import { textOf } from './text.ts';

/** The text of a message, and how often the store was asked. */
async function textAndReads(message: string) {
  const octets = Buffer.from(message, 'latin1');
  const indexer = new MessageIndexer();
  indexer.write(octets);
  const body = { key: 'k', sizeBytes: octets.length };
  const record = messageRecord(indexer.end(), {
    messageId: '0' as MessageId,
    body,
    internalDateMs: 0,
    holders: [],
  });
  let reads = 0;
  const read = async (_: unknown, start: number, end: number) => {
    reads += 1;
    return octets.subarray(start, end);
  };
  return { text: await textOf({ read }, record), reads };
}

const multipart = (parts: readonly string[]) =>
  `Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`;

test('many small parts are read together, each decoded by itself', async () => {
  const parts = Array.from(
    { length: 500 },
    (_, n) => `Content-Transfer-Encoding: base64\r\n\r\n${btoa(`Part ${n}!`)}`,
  );
  const { text, reads } = await textAndReads(multipart(parts));
  assert.equal(text, parts.map((_, n) => `part ${n}!\n`).join(''));
  assert.equal(reads, 1);
});

test('what lies between far parts is not read', async () => {
  const attachment = `Content-Type: application/octet-stream\r\n\r\n${'A'.repeat(200_000)}`;
  const { text, reads } = await textAndReads(multipart(['\r\none', attachment, '\r\ntwo']));
  assert.equal(text, 'one\ntwo\n');
  assert.equal(reads, 2);
});

test('large parts are read one by one, and only so much of all', async () => {
  const { text, reads } = await textAndReads(multipart(Array<string>(6).fill(`\r\n${'x'.repeat(900_000)}`)));
  assert.equal(reads, 5);
  assert.ok(text.length <= 4 * 1024 * 1024 + 6);
});
