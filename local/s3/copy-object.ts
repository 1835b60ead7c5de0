/**
 * CopyObject: the bytes of one key under another, streamed, with the old metadata or new. The encryption is
 * not the source's: the copy's request or bucket chooses it, and with it the kind of ETag.
 */
import { hash } from 'node:crypto';
import { xml } from './buckets.ts';
import { createHasher } from './checksums.ts';
import { checkWrite, matches, preconditionFailed } from './conditions.ts';
import type { S3Call, S3Operation } from './context.ts';
import { noSuchKey, requireBucket, storeObject } from './context.ts';
import {
  asksForEncryption,
  chosenEncryption,
  encryptionHeaders,
  hasMd5Etag,
  newEtag,
  withoutEncryption,
} from './encryption.ts';
import { S3Error } from './error.ts';
import { openSegments } from './get-object.ts';
import { keptHeaders } from './object-headers.ts';
import type { ObjectHead, Segment } from './object-table.ts';
import type { S3Address } from './operation.ts';
import { element, S3_NAMESPACE } from './xml.ts';

export const copyObject: S3Operation = async (call) => {
  requireBucket(call);
  const { request, address, objects, clock } = call;
  const from = sourceOf(call);
  const source = requireSource(call, from);
  const replace = request.headers['x-amz-metadata-directive'] === 'REPLACE';
  const sameKey = from.bucket === address.bucket && from.key === address.key;
  if (sameKey && !replace && !asksForEncryption(request.headers)) {
    throw new S3Error(
      400,
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata or encryption attributes.",
    );
  }
  const encryption = encryptionHeaders(chosenEncryption(request.headers, objects.encryption(address.bucket)));
  const kept = replace ? keptHeaders(request.headers) : withoutEncryption(source.headers);
  const headers = { ...kept, ...encryption };
  const { body, segments, md5 } = await copyBody(call, source, hasMd5Etag(headers));
  const etag = newEtag(headers, md5);
  const head: ObjectHead = { ...source, ...address, etag, modifiedMs: clock.now(), headers, segments };
  try {
    await storeObject(call, head, body, (current) => {
      requireBucket(call);
      checkWrite(request.headers, address.key, current);
    });
  } catch (error) {
    await Promise.all(segments.map(({ name }) => call.bodies.remove(name)));
    throw error;
  }
  const result =
    element('LastModified', new Date(head.modifiedMs).toISOString()) + element('ETag', `"${head.etag}"`);
  const response = xml(`<CopyObjectResult ${S3_NAMESPACE}>${result}</CopyObjectResult>`);
  return { ...response, headers: { ...response.headers, ...encryption } };
};

/** `/bucket/key`, percent-encoded, the first slash optional. */
function sourceOf({ request }: S3Call): S3Address {
  const raw = (request.headers['x-amz-copy-source'] ?? '').replace(/^\//, '');
  if (raw.includes('?versionId=')) {
    throw new S3Error(501, 'NotImplemented', 'The embedded S3 keeps no versions');
  }
  const slash = raw.indexOf('/');
  try {
    if (slash > 0) return { bucket: raw.slice(0, slash), key: decodeURIComponent(raw.slice(slash + 1)) };
  } catch {
    // Falls through to the refusal.
  }
  throw new S3Error(400, 'InvalidArgument', 'Invalid copy source object key', {
    ArgumentName: 'x-amz-copy-source',
  });
}

function requireSource(call: S3Call, from: S3Address): ObjectHead {
  requireBucket({ ...call, address: from });
  const source = call.objects.head(from.bucket, from.key);
  if (!source) throw noSuchKey(from.key);
  const { headers } = call.request;
  const ifMatch = headers['x-amz-copy-source-if-match'];
  if (ifMatch !== undefined && !matches(ifMatch, source.etag))
    throw preconditionFailed('x-amz-copy-source-If-Match');
  const ifNone = headers['x-amz-copy-source-if-none-match'];
  if (ifNone !== undefined && matches(ifNone, source.etag)) {
    throw preconditionFailed('x-amz-copy-source-If-None-Match');
  }
  return source;
}

interface Copied {
  readonly body: Uint8Array | null;
  readonly segments: readonly Segment[];
  readonly md5: string | undefined;
}

async function copyBody(call: S3Call, source: ObjectHead, needsMd5: boolean): Promise<Copied> {
  if (source.segments.length > 0) return copySegments(call, source, needsMd5);
  const body = call.objects.body(source);
  if (!body) throw noSuchKey(source.key);
  return { body, segments: [], md5: needsMd5 ? hash('md5', body, 'hex') : undefined };
}

async function copySegments(call: S3Call, source: ObjectHead, needsMd5: boolean): Promise<Copied> {
  const digest = needsMd5 ? createHasher('md5') : undefined;
  const body = await openSegments(call, source, { start: 0, end: source.sizeBytes });
  if (!body) throw noSuchKey(source.key);
  const writer = await call.bodies.create();
  try {
    for await (const chunk of body) {
      digest?.update(chunk);
      await writer.write(chunk);
    }
    const segments = [{ name: await writer.commit(), sizeBytes: source.sizeBytes }];
    return { body: null, segments, md5: digest?.digest().toString('hex') };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
