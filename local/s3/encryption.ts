/**
 * Which encryption an object gets: its request's, or else its bucket's default (SSE-S3, or SSE-KMS under a
 * key that is only a name). Nothing is encrypted here; what shows of it are headers and ETags, as on AWS:
 * the ETag under SSE-KMS is no MD5 of the data, so the data need not be digested for it.
 */
import { randomUUID } from 'node:crypto';
import type { AwsRequest } from '../types.ts';
import { S3Error } from './error.ts';

export interface Encryption {
  readonly algorithm: 'AES256' | 'aws:kms';
  /** Of KMS: id, ARN or alias; undefined for the account's own key of S3. */
  readonly keyId: string | undefined;
  readonly bucketKey: boolean;
}

/** What buckets have that were not told otherwise. */
export const SSE_S3: Encryption = { algorithm: 'AES256', keyId: undefined, bucketKey: false };

type Headers = Readonly<Record<string, string>>;

const ALGORITHM = 'x-amz-server-side-encryption';
const KEY_ID = 'x-amz-server-side-encryption-aws-kms-key-id';
const BUCKET_KEY = 'x-amz-server-side-encryption-bucket-key-enabled';

const KEYS = 'arn:aws:kms:us-east-1:000000000000:';
/** The key that AWS makes for S3 in every account (`alias/aws/s3`). */
const OWN_KEY = `${KEYS}key/00000000-0000-4000-8000-000000000003`;

export function asksForEncryption(headers: AwsRequest['headers']): boolean {
  return headers[ALGORITHM] !== undefined;
}

/** What a new object is encrypted with. @throws S3Error InvalidArgument, NotImplemented */
export function chosenEncryption(headers: AwsRequest['headers'], bucketDefault: Encryption): Encryption {
  const algorithm = headers[ALGORITHM];
  const keyId = headers[KEY_ID];
  if (keyId !== undefined && algorithm !== 'aws:kms') {
    const message = `Server Side Encryption with AWS KMS managed key requires HTTP header ${ALGORITHM} : aws:kms`;
    throw new S3Error(400, 'InvalidArgument', message, { ArgumentName: ALGORITHM });
  }
  const asked = headers[BUCKET_KEY];
  const bucketKey = asked === undefined ? bucketDefault.bucketKey : asked === 'true';
  if (algorithm === undefined) return { ...bucketDefault, bucketKey };
  if (algorithm === 'AES256') return SSE_S3;
  if (algorithm === 'aws:kms') return { algorithm, keyId, bucketKey };
  if (algorithm === 'aws:kms:dsse') throw noDualLayer();
  throw new S3Error(400, 'InvalidArgument', 'The encryption method specified is not supported', {
    ArgumentName: ALGORITHM,
    ArgumentValue: algorithm,
  });
}

export function noDualLayer(): S3Error {
  return new S3Error(501, 'NotImplemented', 'The embedded S3 knows no dual-layer encryption');
}

/** The headers that answers about the object carry; they are kept with it. */
export function encryptionHeaders({ algorithm, keyId, bucketKey }: Encryption): Record<string, string> {
  if (algorithm === 'AES256') return { [ALGORITHM]: algorithm };
  return {
    [ALGORITHM]: algorithm,
    [KEY_ID]: keyArn(keyId),
    ...(bucketKey ? { [BUCKET_KEY]: 'true' } : {}),
  };
}

/** Those of an object, or an upload, that is older than they are. */
export const SSE_S3_HEADERS = encryptionHeaders(SSE_S3);

/** Of the headers kept with an object, or an upload, those on encryption. */
export function keptEncryption(kept: Headers): Record<string, string> {
  const found = { ...SSE_S3_HEADERS };
  for (const name of [ALGORITHM, KEY_ID, BUCKET_KEY]) {
    const value = kept[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

export function withoutEncryption(kept: Headers): Record<string, string> {
  const { [ALGORITHM]: _algorithm, [KEY_ID]: _keyId, [BUCKET_KEY]: _bucketKey, ...others } = kept;
  return others;
}

/** Whether the ETag of what is not made of parts is the data's MD5. */
export function hasMd5Etag(kept: Headers): boolean {
  return kept[ALGORITHM] !== 'aws:kms';
}

/** The ETag of an object, or a part, that comes in; `md5` is that of its data, where `hasMd5Etag`. */
export function newEtag(kept: Headers, md5: string | undefined): string {
  if (!hasMd5Etag(kept)) return randomUUID().replaceAll('-', '');
  if (md5 === undefined) throw new Error('the data was not digested');
  return md5;
}

function keyArn(keyId: string | undefined): string {
  if (keyId === undefined) return OWN_KEY;
  if (keyId.startsWith('arn:')) return keyId;
  return keyId.startsWith('alias/') ? KEYS + keyId : `${KEYS}key/${keyId}`;
}
