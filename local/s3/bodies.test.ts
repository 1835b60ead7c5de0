// Files of bodies that nothing names any more and that cannot be removed: what was written meanwhile stands.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openCloud } from '../cloud.ts';

const octets = 300_000;

async function openFiles(t: TestContext) {
  const dataDir = mkdtempSync(join(tmpdir(), 'postfold-s3-'));
  const cloud = await openCloud({ dataDir, onProblem: () => {} });
  t.after(async () => {
    await cloud.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const ask = (method: string, path: string, query = '', body: Uint8Array = new Uint8Array(0)) =>
    cloud.dispatch({ method, path, query: new URLSearchParams(query), headers: {}, body });
  await ask('PUT', '/raw');
  const folder = join(dataDir, 'objects');
  /** In place of each file a folder, which `unlink` refuses. */
  const makeStubborn = () => {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (!statSync(path).isFile()) continue;
      unlinkSync(path);
      mkdirSync(path);
    }
  };
  const read = async () => {
    const { status, body } = await ask('GET', '/raw/k');
    const chunks = body instanceof Uint8Array ? [body] : await Array.fromAsync(body);
    return { status, isNew: Buffer.concat(chunks).equals(Buffer.alloc(octets, 2)) };
  };
  return { ask, makeStubborn, read };
}

test('an object that replaces another is there, though the file of the other stays', async (t) => {
  const { ask, makeStubborn, read } = await openFiles(t);
  await ask('PUT', '/raw/k', '', Buffer.alloc(octets, 1));
  makeStubborn();
  const { status } = await ask('PUT', '/raw/k', '', Buffer.alloc(octets, 2));
  assert.deepEqual(await read(), { status: 200, isNew: true });
  assert.equal(status, 200);
  makeStubborn();
  assert.equal((await ask('DELETE', '/raw/k')).status, 204);
  assert.equal((await read()).status, 404);
});

test('so is a part that is uploaded anew', async (t) => {
  const { ask, makeStubborn, read } = await openFiles(t);
  const { body } = await ask('POST', '/raw/k', 'uploads=');
  assert.ok(body instanceof Uint8Array);
  const id = /<UploadId>(.*)<\/UploadId>/.exec(Buffer.from(body).toString())?.[1] ?? '';
  await ask('PUT', '/raw/k', `partNumber=1&uploadId=${id}`, Buffer.alloc(octets, 1));
  makeStubborn();
  const renewed = await ask('PUT', '/raw/k', `partNumber=1&uploadId=${id}`, Buffer.alloc(octets, 2));
  assert.equal(renewed.status, 200);
  const part = `<Part><PartNumber>1</PartNumber><ETag>${renewed.headers.etag}</ETag></Part>`;
  const list = Buffer.from(`<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`);
  assert.equal((await ask('POST', '/raw/k', `uploadId=${id}`, list)).status, 200);
  assert.deepEqual(await read(), { status: 200, isNew: true });
});
