/** Buckets: create, head, delete, list, and the two questions tools ask first (location, versioning). */
import { NO_BYTES } from '../bytes.ts';
import type { AwsResponse } from '../types.ts';
import { requireBucket, type S3Operation } from './context.ts';
import { S3Error } from './error.ts';
import { element, S3_NAMESPACE, XML_HEAD } from './xml.ts';

/** S3's rules for general purpose bucket names, without the reserved affixes. */
const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/;

export const createBucket: S3Operation = async ({ storage, objects, clock, address: { bucket } }) => {
  if (!BUCKET_NAME.test(bucket)) {
    throw new S3Error(400, 'InvalidBucketName', 'The specified bucket is not valid.', { BucketName: bucket });
  }
  await storage.write(() => {
    // us-east-1 answers 200 when the bucket is already yours.
    if (!objects.hasBucket(bucket)) objects.addBucket(bucket, clock.now());
  });
  return { status: 200, headers: { location: `/${bucket}` }, body: NO_BYTES };
};

export const headBucket: S3Operation = async (call) => {
  requireBucket(call);
  return { status: 200, headers: { 'x-amz-bucket-region': 'us-east-1' }, body: NO_BYTES };
};

export const deleteBucket: S3Operation = async (call) => {
  const { bucket } = call.address;
  await call.storage.write(() => {
    requireBucket(call);
    if (call.objects.hasObjects(bucket) || call.parts.uploads(bucket).length > 0) {
      throw new S3Error(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty', {
        BucketName: bucket,
      });
    }
    call.objects.removeBucket(bucket);
  });
  return { status: 204, headers: {}, body: NO_BYTES };
};

export const listBuckets: S3Operation = async ({ objects }) => {
  const buckets = objects
    .buckets()
    .map(({ name, createdMs }) => {
      const created = element('CreationDate', new Date(createdMs).toISOString());
      return `<Bucket>${element('Name', name)}${created}</Bucket>`;
    })
    .join('');
  const owner = '<Owner><ID>local</ID></Owner>';
  return xml(
    `<ListAllMyBucketsResult ${S3_NAMESPACE}>${owner}<Buckets>${buckets}</Buckets></ListAllMyBucketsResult>`,
  );
};

export const getBucketLocation: S3Operation = async (call) => {
  requireBucket(call);
  return xml(`<LocationConstraint ${S3_NAMESPACE}/>`);
};

export const getBucketVersioning: S3Operation = async (call) => {
  requireBucket(call);
  return xml(`<VersioningConfiguration ${S3_NAMESPACE}/>`);
};

export function xml(body: string): AwsResponse {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(XML_HEAD + body) };
}
