/**
 * ListObjectsV2 (and the older ListObjects): keys in byte order of their UTF-8, rolled up at a delimiter.
 * Reads pages of rows and leaps over each common prefix, so a listing costs what it shows.
 */
import type { AwsResponse } from '../types.ts';
import { xml } from './buckets.ts';
import { requireBucket, type S3Call, type S3Operation } from './context.ts';
import { S3Error } from './error.ts';
import type { ObjectHead } from './object-table.ts';
import { element, S3_NAMESPACE } from './xml.ts';

const MAX_KEYS = 1000;
/** Sorts after every key that has what stands before it as a prefix. */
const LAST = '\u{10ffff}';

interface Listing {
  readonly objects: ObjectHead[];
  readonly prefixes: string[];
  /** The last key or prefix shown, when there is more. */
  next: string | undefined;
}

export const listObjectsV2: S3Operation = async (call) => {
  const { query } = call.request;
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : parseToken(token);
  const wanted = readQuery(call, after);
  const listing = list(call, wanted);
  await call.storage.settled();
  const count = listing.objects.length + listing.prefixes.length;
  const fields = [
    element('KeyCount', count),
    ...(token === null ? [] : [element('ContinuationToken', token)]),
    ...(query.has('start-after')
      ? [element('StartAfter', wanted.encode(query.get('start-after') ?? ''))]
      : []),
    ...(listing.next === undefined ? [] : [element('NextContinuationToken', toToken(listing.next))]),
  ];
  return answer(call, wanted, listing, fields);
};

export const listObjects: S3Operation = async (call) => {
  const marker = call.request.query.get('marker') ?? '';
  const wanted = readQuery(call, marker);
  const listing = list(call, wanted);
  await call.storage.settled();
  const more = listing.next !== undefined && wanted.delimiter !== '';
  const fields = [
    element('Marker', wanted.encode(marker)),
    ...(more ? [element('NextMarker', wanted.encode(listing.next ?? ''))] : []),
  ];
  return answer(call, wanted, listing, fields);
};

interface Wanted {
  readonly prefix: string;
  readonly delimiter: string;
  readonly after: string;
  readonly maxKeys: number;
  readonly encode: (text: string) => string;
}

function readQuery(call: S3Call, after: string): Wanted {
  requireBucket(call);
  const { query } = call.request;
  const given = query.get('max-keys') ?? String(MAX_KEYS);
  if (!/^\d{1,9}$/.test(given)) {
    throw new S3Error(400, 'InvalidArgument', 'Provided max-keys not an integer or within integer range', {
      ArgumentName: 'max-keys',
      ArgumentValue: given,
    });
  }
  const encoding = query.get('encoding-type') ?? '';
  if (encoding !== '' && encoding !== 'url') {
    throw new S3Error(400, 'InvalidArgument', 'Invalid Encoding Method specified in Request');
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after,
    maxKeys: Math.min(Number(given), MAX_KEYS),
    encode: encoding === 'url' ? encodeKey : (text) => text,
  };
}

/** As S3 does: all but unreserved characters and the slash. */
function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/');
}

function list(call: S3Call, { prefix, delimiter, after, maxKeys }: Wanted): Listing {
  const listing: Listing = { objects: [], prefixes: [], next: undefined };
  if (maxKeys === 0) return listing;
  let from = after < prefix ? prefix : after;
  let exclusive = after >= prefix && after !== '';
  // A token or marker that is a common prefix stands for all keys below it.
  const isRolledUp = after.startsWith(prefix) && commonPrefix(after, prefix, delimiter) === after;
  if (isRolledUp) from = after + LAST;
  let shown = '';
  for (;;) {
    const page = call.objects.page(call.address.bucket, from, exclusive, maxKeys + 1);
    let leapt = false;
    let read = 0;
    for (const object of page) {
      read += 1;
      if (!object.key.startsWith(prefix)) return listing;
      if (listing.objects.length + listing.prefixes.length === maxKeys) {
        listing.next = shown;
        return listing;
      }
      const common = commonPrefix(object.key, prefix, delimiter);
      shown = common ?? object.key;
      exclusive = true;
      from = common === undefined ? object.key : common + LAST;
      if (common === undefined) listing.objects.push(object);
      else {
        listing.prefixes.push(common);
        leapt = true;
        break;
      }
    }
    if (!leapt && read <= maxKeys) return listing;
  }
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function answer(call: S3Call, wanted: Wanted, listing: Listing, fields: readonly string[]): AwsResponse {
  const { prefix, delimiter, maxKeys, encode } = wanted;
  const parts = [
    element('Name', call.address.bucket),
    element('Prefix', encode(prefix)),
    ...(delimiter === '' ? [] : [element('Delimiter', encode(delimiter))]),
    element('MaxKeys', maxKeys),
    ...(call.request.query.has('encoding-type') ? [element('EncodingType', 'url')] : []),
    element('IsTruncated', listing.next !== undefined),
    ...fields,
    ...listing.objects.map((object) => contents(object, encode)),
    ...listing.prefixes.map((each) => `<CommonPrefixes>${element('Prefix', encode(each))}</CommonPrefixes>`),
  ];
  const response = xml(`<ListBucketResult ${S3_NAMESPACE}>${parts.join('')}</ListBucketResult>`);
  call.usage.bytesOut = response.body instanceof Uint8Array ? response.body.byteLength : 0;
  return response;
}

function contents(object: ObjectHead, encode: (text: string) => string): string {
  const fields = [
    element('Key', encode(object.key)),
    element('LastModified', new Date(object.modifiedMs).toISOString()),
    element('ETag', `"${object.etag}"`),
    ...(object.checksum
      ? [
          element('ChecksumAlgorithm', object.checksum.name.toUpperCase()),
          element('ChecksumType', object.checksum.type),
        ]
      : []),
    element('Size', object.sizeBytes),
    element('StorageClass', 'STANDARD'),
  ];
  return `<Contents>${fields.join('')}</Contents>`;
}

function toToken(key: string): string {
  return Buffer.from(key).toString('base64');
}

function parseToken(token: string): string {
  const key = Buffer.from(token, 'base64').toString();
  if (toToken(key) === token) return key;
  throw new S3Error(400, 'InvalidArgument', 'The continuation token provided is incorrect', {
    ArgumentName: 'continuation-token',
  });
}
