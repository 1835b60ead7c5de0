/**
 * The S3 operation a request names by its method, path and query, and the bucket and key
 * it addresses (path style, or virtual host style as the SDK and CLI send it).
 */
import type { AwsRequest } from '../types.ts';

export interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

const VIRTUAL_HOST = /^(.+)\.(?:s3[.-][a-z0-9.-]*amazonaws\.com|localhost)(?::\d+)?$/;

/** Sub-resources that select an operation of their own (all not in the table are refused). */
const BUCKET_QUERIES: readonly [string, string, string][] = [
  ['GET', 'location', 'GetBucketLocation'],
  ['GET', 'versioning', 'GetBucketVersioning'],
  ['GET', 'encryption', 'GetBucketEncryption'],
  ['PUT', 'encryption', 'PutBucketEncryption'],
  ['DELETE', 'encryption', 'DeleteBucketEncryption'],
  ['POST', 'delete', 'DeleteObjects'],
];

const REFUSED_QUERIES = [
  'acl',
  'accelerate',
  'analytics',
  'attributes',
  'cors',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'versionId',
  'versioning',
  'versions',
  'website',
  'delete',
  'location',
  'metadataTable',
  'renameObject',
];

/** @returns undefined when the path does not decode. */
export function s3Address(request: AwsRequest): S3Address | undefined {
  try {
    const virtual = VIRTUAL_HOST.exec(request.headers.host ?? '')?.[1];
    const path = request.path.slice(1);
    if (virtual !== undefined) return { bucket: virtual, key: decodeURIComponent(path) };
    const slash = path.indexOf('/');
    if (slash < 0) return { bucket: decodeURIComponent(path), key: '' };
    return {
      bucket: decodeURIComponent(path.slice(0, slash)),
      key: decodeURIComponent(path.slice(slash + 1)),
    };
  } catch {
    return undefined;
  }
}

/** The operation's API name, or 'NotImplemented'. */
export function s3Operation(request: AwsRequest): string {
  const address = s3Address(request);
  if (!address) return 'InvalidURI';
  if (address.bucket === '') return request.method === 'GET' ? 'ListBuckets' : 'NotImplemented';
  return address.key === '' ? bucketOperation(request) : objectOperation(request);
}

function bucketOperation({ method, query }: AwsRequest): string {
  for (const [verb, name, operation] of BUCKET_QUERIES) {
    if (method === verb && query.has(name)) return operation;
  }
  if (query.size > 0 && refused(query)) return 'NotImplemented';
  if (method === 'PUT') return 'CreateBucket';
  if (method === 'HEAD') return 'HeadBucket';
  if (method === 'DELETE') return 'DeleteBucket';
  if (method === 'GET') {
    if (query.has('uploads')) return 'ListMultipartUploads';
    return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
  }
  return 'MethodNotAllowed';
}

function objectOperation({ method, query, headers }: AwsRequest): string {
  if (query.size > 0) {
    if (refused(query)) return 'NotImplemented';
    if (query.has('uploads')) return method === 'POST' ? 'CreateMultipartUpload' : 'MethodNotAllowed';
    if (query.has('uploadId')) return multipartOperation(method, headers);
    if (query.has('partNumber')) return 'NotImplemented';
  }
  if (method === 'PUT') return headers['x-amz-copy-source'] === undefined ? 'PutObject' : 'CopyObject';
  if (method === 'GET') return 'GetObject';
  if (method === 'HEAD') return 'HeadObject';
  if (method === 'DELETE') return 'DeleteObject';
  return 'MethodNotAllowed';
}

function multipartOperation(method: string, headers: AwsRequest['headers']): string {
  if (method === 'PUT') return headers['x-amz-copy-source'] === undefined ? 'UploadPart' : 'NotImplemented';
  if (method === 'POST') return 'CompleteMultipartUpload';
  if (method === 'DELETE') return 'AbortMultipartUpload';
  if (method === 'GET') return 'ListParts';
  return 'MethodNotAllowed';
}

function refused(query: URLSearchParams): boolean {
  return REFUSED_QUERIES.some((name) => query.has(name));
}
