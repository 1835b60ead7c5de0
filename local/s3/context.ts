/** What every S3 operation gets: the tables, the bodies, and the request it answers. */
import type { Storage } from '../storage.ts';
import type { AwsRequest, AwsResponse, Clock, Usage } from '../types.ts';
import type { Bodies } from './bodies.ts';
import { S3Error } from './error.ts';
import type { ObjectHead, ObjectTable, Segment } from './object-table.ts';
import type { S3Address } from './operation.ts';
import type { PartTable } from './part-table.ts';

export interface S3Context {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly objects: ObjectTable;
  readonly parts: PartTable;
  readonly bodies: Bodies;
}

export interface S3Call extends S3Context {
  readonly request: AwsRequest;
  readonly address: S3Address;
  readonly usage: Usage;
}

export type S3Operation = (call: S3Call) => Promise<AwsResponse>;

/** @throws S3Error NoSuchBucket */
export function requireBucket({ objects, address }: S3Call): void {
  if (!objects.hasBucket(address.bucket)) {
    throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist', {
      BucketName: address.bucket,
    });
  }
}

export function noSuchKey(key: string): S3Error {
  return new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });
}

/**
 * Stores an object in place of what its key named, after `check` (which sees the object
 * that is there) did not throw. Durable when it resolves; the old body's files go after it.
 */
export async function storeObject(
  context: S3Context,
  head: ObjectHead,
  body: Uint8Array | null,
  check: (current: ObjectHead | undefined) => void,
  alongside: () => void = () => {},
): Promise<void> {
  const replaced = await context.storage.write(() => {
    const current = context.objects.head(head.bucket, head.key);
    check(current);
    context.objects.put(head, body);
    alongside();
    return current?.segments ?? [];
  });
  await removeSegments(context, replaced);
}

export async function removeSegments({ bodies }: S3Context, segments: readonly Segment[]): Promise<void> {
  await Promise.all(segments.map(({ name }) => bodies.remove(name)));
}
