/**
 * S3, as far as the embedded AWS goes: objects, ranges, conditions, checksums, multipart, default encryption.
 * No versions, no ACLs, no signatures: what is not here answers NotImplemented.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { BodyTooLarge } from '../bytes.ts';
import type { Storage } from '../storage.ts';
import type { AwsRequest, AwsResponse, Clock, Service, Usage } from '../types.ts';
import { type Bodies, FileBodies, MemoryBodies } from './bodies.ts';
import { deleteBucketEncryption, getBucketEncryption, putBucketEncryption } from './bucket-encryption.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
} from './buckets.ts';
import { completeMultipartUpload } from './complete-upload.ts';
import type { S3Context, S3Operation } from './context.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-object.ts';
import { S3Error, s3ErrorResponse } from './error.ts';
import { getObject, headObject } from './get-object.ts';
import { listObjects, listObjectsV2 } from './list-objects.ts';
import {
  abortMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from './multipart.ts';
import { ObjectTable } from './object-table.ts';
import { type S3Address, s3Address } from './operation.ts';
import { PartTable } from './part-table.ts';
import { putObject } from './put-object.ts';

const MAX_KEY_BYTES = 1024;

const OPERATIONS: Readonly<Record<string, S3Operation>> = {
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  DeleteBucket: deleteBucket,
  ListBuckets: listBuckets,
  GetBucketLocation: getBucketLocation,
  GetBucketVersioning: getBucketVersioning,
  GetBucketEncryption: getBucketEncryption,
  PutBucketEncryption: putBucketEncryption,
  DeleteBucketEncryption: deleteBucketEncryption,
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  CopyObject: copyObject,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
  ListParts: listParts,
  ListMultipartUploads: listMultipartUploads,
};

/** `dataDir` is where large bodies go as files; in memory when left out. */
export function createS3(options: { storage: Storage; clock: Clock; dataDir?: string | undefined }): Service {
  const { storage, clock, dataDir } = options;
  const objects = new ObjectTable(storage.db);
  const parts = new PartTable(storage.db);
  const bodies = dataDir === undefined ? new MemoryBodies() : openFiles(dataDir, objects, parts);
  const context: S3Context = { storage, clock, objects, parts, bodies };
  return { name: 's3', handle: (request, usage) => answer(context, request, usage) };
}

function openFiles(dataDir: string, objects: ObjectTable, parts: PartTable): Bodies {
  const files = new FileBodies(join(dataDir, 'objects'));
  const named = new Set([...objects.segmentNames(), ...parts.bodyNames()]);
  files.clean((name) => named.has(name));
  return files;
}

async function answer(context: S3Context, request: AwsRequest, usage: Usage): Promise<AwsResponse> {
  const response = await attempt(context, request, usage);
  if (request.method === 'HEAD' && response.status >= 400) {
    return { ...response, headers: { 'x-amz-request-id': randomUUID() }, body: new Uint8Array() };
  }
  return response;
}

async function attempt(context: S3Context, request: AwsRequest, usage: Usage): Promise<AwsResponse> {
  const address = s3Address(request);
  if (!address) return s3ErrorResponse(400, 'InvalidURI', "Couldn't parse the specified URI.");
  usage.resource = address.bucket;
  usage.tenant = tenantOf(address);
  const operation = Object.hasOwn(OPERATIONS, usage.operation) ? OPERATIONS[usage.operation] : undefined;
  if (!operation) return refuse(usage.operation, request);
  if (Buffer.byteLength(address.key) > MAX_KEY_BYTES) {
    return s3ErrorResponse(400, 'KeyTooLongError', 'Your key is too long');
  }
  try {
    return await operation({ ...context, request, address, usage });
  } catch (error) {
    if (error instanceof BodyTooLarge) {
      return s3ErrorResponse(400, 'MaxMessageLengthExceeded', 'Your request was too large.');
    }
    if (!(error instanceof S3Error)) throw error;
    // A refusal tells of what is stored: that must be durable before it is told.
    await context.storage.settled();
    return s3ErrorResponse(error.status, error.code, error.message, error.fields);
  }
}

/** The first part of a key names the tenant, when the key has parts. */
function tenantOf({ key }: S3Address): string {
  const slash = key.indexOf('/');
  return slash < 0 ? '' : key.slice(0, slash);
}

function refuse(operation: string, request: AwsRequest): AwsResponse {
  if (operation === 'MethodNotAllowed') {
    const message = 'The specified method is not allowed against this resource.';
    return s3ErrorResponse(405, operation, message, { Method: request.method });
  }
  const message = 'A header or query you provided implies functionality that the embedded S3 does not have';
  return s3ErrorResponse(501, 'NotImplemented', message);
}
