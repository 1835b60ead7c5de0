/** Conditional requests on objects: If-Match and If-None-Match for reads and for writes. */
import type { AwsRequest } from '../types.ts';
import { noSuchKey } from './context.ts';
import { S3Error } from './error.ts';
import type { ObjectHead } from './object-table.ts';

type Headers = AwsRequest['headers'];

/** For a write. `If-None-Match` may only be `*`. @throws S3Error PreconditionFailed, NoSuchKey */
export function checkWrite(headers: Headers, key: string, current: ObjectHead | undefined): void {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new S3Error(
      501,
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      {
        Header: 'If-None-Match',
      },
    );
  }
  if (ifNoneMatch === '*' && current) throw preconditionFailed('If-None-Match');
  if (ifMatch === undefined) return;
  if (!current) throw noSuchKey(key);
  if (!matches(ifMatch, current.etag)) throw preconditionFailed('If-Match');
}

/** For a read: 'send' or 'notModified' (304). @throws S3Error PreconditionFailed */
export function checkRead(headers: Headers, current: ObjectHead): 'send' | 'notModified' {
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined && !matches(ifMatch, current.etag)) throw preconditionFailed('If-Match');
  const unmodifiedSince = headers['if-unmodified-since'];
  if (ifMatch === undefined && unmodifiedSince !== undefined && modifiedAfter(current, unmodifiedSince)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, current.etag) ? 'notModified' : 'send';
  const modifiedSince = headers['if-modified-since'];
  if (modifiedSince !== undefined && !Number.isNaN(Date.parse(modifiedSince))) {
    return modifiedAfter(current, modifiedSince) ? 'send' : 'notModified';
  }
  return 'send';
}

export function preconditionFailed(condition: string): S3Error {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return new S3Error(412, 'PreconditionFailed', message, { Condition: condition });
}

export function matches(header: string, etag: string): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', '') === etag);
}

/** HTTP dates count whole seconds. */
function modifiedAfter(current: ObjectHead, httpDate: string): boolean {
  return Math.floor(current.modifiedMs / 1000) * 1000 > Date.parse(httpDate);
}
