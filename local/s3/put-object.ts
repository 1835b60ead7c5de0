/** PutObject: the body first (digested, verified, durable when large), then the row; conditions are checked at the row. */
import { NO_BYTES } from '../bytes.ts';
import { checkWrite } from './conditions.ts';
import { requireBucket, type S3Operation, storeObject } from './context.ts';
import { chosenEncryption, encryptionHeaders, hasMd5Etag, newEtag } from './encryption.ts';
import { checksumHeaders, keptHeaders } from './object-headers.ts';
import { INLINE_BYTES, receiveBody } from './receive-body.ts';

export const putObject: S3Operation = async (call) => {
  const { request, address, bodies, objects, clock } = call;
  requireBucket(call);
  const encryption = encryptionHeaders(chosenEncryption(request.headers, objects.encryption(address.bucket)));
  const headers = { ...keptHeaders(request.headers), ...encryption };
  // Refuses before it takes the body, when it already can; what counts is the check at the row.
  if (request.headers['if-none-match'] !== undefined || request.headers['if-match'] !== undefined) {
    checkWrite(request.headers, address.key, objects.head(address.bucket, address.key));
  }
  const { sizeBytes, md5, checksum, bytes, bodyName } = await receiveBody(request, bodies, {
    inlineBytes: INLINE_BYTES,
    md5: hasMd5Etag(headers),
  });
  const etag = newEtag(headers, md5);
  call.usage.bytesIn = sizeBytes;
  const segments = bodyName === undefined ? [] : [{ name: bodyName, sizeBytes }];
  const head = { ...address, sizeBytes, etag, modifiedMs: clock.now(), headers, checksum, segments };
  try {
    await storeObject(call, head, bytes ?? null, (current) => {
      requireBucket(call);
      checkWrite(request.headers, address.key, current);
    });
  } catch (error) {
    if (bodyName !== undefined) await bodies.remove(bodyName);
    throw error;
  }
  return {
    status: 200,
    headers: { etag: `"${etag}"`, ...encryption, ...checksumHeaders(checksum) },
    body: NO_BYTES,
  };
};
