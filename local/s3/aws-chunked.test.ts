import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeAwsChunked, type Trailers } from './aws-chunked.ts';

async function decode(...pieces: string[]): Promise<{ data: string; trailers: Trailers }> {
  const trailers: Trailers = new Map();
  const body = (async function* () {
    for (const piece of pieces) yield Buffer.from(piece, 'latin1');
  })();
  let data = '';
  for await (const chunk of decodeAwsChunked(body, trailers)) data += Buffer.from(chunk).toString('latin1');
  return { data, trailers };
}

const SIGNATURE = `;chunk-signature=${'a'.repeat(64)}`;
const SIGNED = `5${SIGNATURE}\r\nhello\r\n6${SIGNATURE}\r\n\r\nabcd\r\n0${SIGNATURE}\r\n\r\n`;
const TRAILED = '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\nx-amz-trailer-signature:ab\r\n\r\n';

test('signed chunks give their data, wherever the pieces are cut', async () => {
  for (let at = 0; at <= SIGNED.length; at++) {
    assert.equal((await decode(SIGNED.slice(0, at), SIGNED.slice(at))).data, 'hello\r\nabcd');
  }
  assert.equal((await decode(...SIGNED)).data, 'hello\r\nabcd');
});

test('trailers are read', async () => {
  const { data, trailers } = await decode(TRAILED);
  assert.equal(data, 'hello');
  assert.equal(trailers.get('x-amz-checksum-crc32'), 'NhCmhg==');
});

test('what is cut short or malformed is refused', async () => {
  await assert.rejects(decode('5\r\nhel'), { code: 'IncompleteBody' });
  await assert.rejects(decode('5\r\nhello\r\n'), { code: 'IncompleteBody' });
  for (const bad of [
    'x\r\n',
    '-1\r\n',
    '5\r\nhelloo\r\n',
    '0\r\n\r\nmore',
    `${'1'.repeat(5000)}`,
    '0\r\nno colon\r\n',
  ]) {
    await assert.rejects(decode(bad), { code: 'InvalidRequest' }, bad);
  }
});
