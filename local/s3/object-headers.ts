/** The headers an object keeps from its upload, and those it answers a read with. */
import type { AwsRequest } from '../types.ts';
import { SSE_S3_HEADERS } from './encryption.ts';
import { S3Error } from './error.ts';
import type { Checksum, ObjectHead } from './object-table.ts';

const KEPT = ['content-type', 'cache-control', 'content-disposition', 'content-language', 'expires'];
const METADATA_PREFIX = 'x-amz-meta-';
const MAX_METADATA_BYTES = 2048;

/** What of the request's headers belongs to the object. @throws S3Error MetadataTooLarge */
export function keptHeaders(headers: AwsRequest['headers']): Record<string, string> {
  const kept: Record<string, string> = {};
  let metadataBytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(METADATA_PREFIX)) {
      metadataBytes += name.length - METADATA_PREFIX.length + Buffer.byteLength(value);
      kept[name] = value;
    } else if (KEPT.includes(name)) {
      kept[name] = value;
    }
  }
  if (metadataBytes > MAX_METADATA_BYTES) {
    throw new S3Error(
      400,
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
    );
  }
  // aws-chunked is how the request was sent, not what the object is.
  const encoding = (headers['content-encoding'] ?? '').split(',').map((part) => part.trim());
  const own = encoding.filter((part) => part !== '' && part !== 'aws-chunked');
  if (own.length > 0) kept['content-encoding'] = own.join(',');
  kept['content-type'] ??= 'binary/octet-stream';
  return kept;
}

/** Headers of GetObject and HeadObject, without length and range. */
export function objectHeaders(head: ObjectHead): Record<string, string> {
  return {
    ...SSE_S3_HEADERS,
    ...head.headers,
    etag: `"${head.etag}"`,
    'last-modified': new Date(head.modifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
    server: 'AmazonS3',
  };
}

export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (!checksum) return {};
  return { [`x-amz-checksum-${checksum.name}`]: checksum.value, 'x-amz-checksum-type': checksum.type };
}
