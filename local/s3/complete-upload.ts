/** CompleteMultipartUpload: checks the list of parts against what was uploaded and makes the object. */
import { collect, utf8 } from '../bytes.ts';
import { xml } from './buckets.ts';
import { createHasher } from './checksums.ts';
import { checkWrite } from './conditions.ts';
import { requireBucket, type S3Call, type S3Operation, storeObject } from './context.ts';
import { keptEncryption } from './encryption.ts';
import { S3Error } from './error.ts';
import { openSegments } from './get-object.ts';
import { multipartEtag, requireUpload } from './multipart.ts';
import type { Checksum, ObjectHead } from './object-table.ts';
import type { Part, Upload } from './part-table.ts';
import { element, parseXml, S3_NAMESPACE } from './xml.ts';

const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export const completeMultipartUpload: S3Operation = async (call) => {
  requireBucket(call);
  const { request, address, clock, parts, bodies } = call;
  const upload = requireUpload(call);
  const listed = parseList(utf8(await collect(request.body, MAX_BODY_BYTES)));
  let uploaded = parts.parts(upload.id);
  const chosen = choose(listed, uploaded);
  const segments = chosen.map(({ bodyName, sizeBytes }) => ({ name: bodyName, sizeBytes }));
  const draft: ObjectHead = {
    ...address,
    sizeBytes: segments.reduce((sum, each) => sum + each.sizeBytes, 0),
    etag: multipartEtag(chosen),
    modifiedMs: clock.now(),
    headers: upload.headers,
    checksum: undefined,
    segments,
  };
  const head = { ...draft, checksum: await checksumOf(call, upload, chosen, draft) };
  verifyClaim(call, head.checksum);
  await storeObject(
    call,
    head,
    null,
    (current) => {
      // Meanwhile another completion may have come first, or a part have been uploaded anew.
      requireUpload(call);
      uploaded = parts.parts(upload.id);
      const names = new Set(uploaded.map(({ bodyName }) => bodyName));
      for (const part of chosen) if (!names.has(part.bodyName)) throw invalidPart(part);
      checkWrite(request.headers, address.key, current);
    },
    () => parts.removeUpload(upload.id),
  );
  const used = new Set(chosen.map(({ bodyName }) => bodyName));
  const unused = uploaded.filter(({ bodyName }) => !used.has(bodyName));
  await Promise.all(unused.map(({ bodyName }) => bodies.remove(bodyName)));
  const response = xml(
    `<CompleteMultipartUploadResult ${S3_NAMESPACE}>${resultXml(call, head)}</CompleteMultipartUploadResult>`,
  );
  return { ...response, headers: { ...response.headers, ...keptEncryption(head.headers) } };
};

function resultXml({ request, address }: S3Call, { etag, checksum }: ObjectHead): string {
  const host = request.headers.host ?? 'localhost';
  const fields = [
    element('Location', `http://${host}/${address.bucket}/${encodeURIComponent(address.key)}`),
    element('Bucket', address.bucket),
    element('Key', address.key),
    element('ETag', `"${etag}"`),
  ];
  if (checksum) {
    fields.push(element(`Checksum${checksum.name.toUpperCase()}`, checksum.value));
    fields.push(element('ChecksumType', checksum.type));
  }
  return fields.join('');
}

interface ListedPart {
  readonly number: number;
  readonly etag: string;
}

function parseList(source: string): readonly ListedPart[] {
  const root = parseXml(source);
  const listed = (root?.children ?? [])
    .filter(({ name }) => name === 'Part')
    .map(({ children }) => {
      const text = (wanted: string) => children.find(({ name }) => name === wanted)?.text.trim() ?? '';
      return { number: Number(text('PartNumber')), etag: text('ETag').replaceAll('"', '') };
    });
  if (root?.name === 'CompleteMultipartUpload' && listed.length > 0 && listed.length <= MAX_PARTS)
    return listed;
  throw new S3Error(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}

function choose(listed: readonly ListedPart[], uploaded: readonly Part[]): readonly Part[] {
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  let last = 0;
  const chosen = listed.map(({ number, etag }) => {
    if (number <= last) {
      throw new S3Error(
        400,
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
      );
    }
    last = number;
    const part = byNumber.get(number);
    if (part && part.etag === etag) return part;
    throw invalidPart({ number, etag });
  });
  for (const part of chosen.slice(0, -1)) {
    if (part.sizeBytes >= MIN_PART_BYTES) continue;
    throw new S3Error(
      400,
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
      {
        ProposedSize: String(part.sizeBytes),
        MinSizeAllowed: String(MIN_PART_BYTES),
        PartNumber: String(part.number),
        ETag: part.etag,
      },
    );
  }
  return chosen;
}

function invalidPart({ number, etag }: ListedPart): S3Error {
  const message =
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
  return new S3Error(400, 'InvalidPart', message, { PartNumber: String(number), ETag: etag });
}

/** A composite is the checksum of the parts' checksums; a full one has to read the bytes again. */
async function checksumOf(
  call: S3Call,
  { checksumName, checksumType }: Upload,
  chosen: readonly Part[],
  draft: ObjectHead,
): Promise<Checksum | undefined> {
  if (!checksumName) return undefined;
  const hasher = createHasher(checksumName);
  if (checksumType === 'COMPOSITE') {
    if (chosen.some(({ checksum }) => checksum === undefined)) return undefined;
    for (const { checksum } of chosen) hasher.update(Buffer.from(checksum ?? '', 'base64'));
    const value = `${hasher.digest().toString('base64')}-${chosen.length}`;
    return { name: checksumName, value, type: checksumType };
  }
  const body = await openSegments(call, draft, { start: 0, end: draft.sizeBytes });
  for await (const chunk of body ?? []) hasher.update(chunk);
  return { name: checksumName, value: hasher.digest().toString('base64'), type: checksumType };
}

/** The sender may state the object's checksum; it is compared when it is of the upload's kind. */
function verifyClaim({ request }: S3Call, checksum: Checksum | undefined): void {
  if (!checksum) return;
  const claimed = request.headers[`x-amz-checksum-${checksum.name}`];
  if (claimed === undefined || claimed === checksum.value || `${claimed}` === checksum.value.split('-')[0])
    return;
  throw new S3Error(
    400,
    'BadDigest',
    `The ${checksum.name.toUpperCase()} you specified did not match the calculated checksum.`,
  );
}
