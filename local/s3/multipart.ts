/**
 * Multipart uploads: each part is a body of its own, and the completed object just names
 * its parts in order, so completing copies nothing.
 */
import { hash, randomUUID } from 'node:crypto';
import { NO_BYTES } from '../bytes.ts';
import { xml } from './buckets.ts';
import { isChecksumName } from './checksums.ts';
import { requireBucket, type S3Call, type S3Operation } from './context.ts';
import { chosenEncryption, encryptionHeaders, hasMd5Etag, keptEncryption, newEtag } from './encryption.ts';
import { S3Error } from './error.ts';
import { checksumHeaders, keptHeaders } from './object-headers.ts';
import type { Part, Upload } from './part-table.ts';
import { receiveBody } from './receive-body.ts';
import { element, S3_NAMESPACE } from './xml.ts';

const MAX_PART_NUMBER = 10_000;

export const createMultipartUpload: S3Operation = async (call) => {
  requireBucket(call);
  const { request, address, clock, objects, parts, storage } = call;
  const algorithm = (request.headers['x-amz-checksum-algorithm'] ?? '').toLowerCase();
  if (algorithm !== '' && !isChecksumName(algorithm)) {
    throw new S3Error(400, 'InvalidRequest', 'Checksum algorithm provided is unsupported.');
  }
  const checksumName = isChecksumName(algorithm) ? algorithm : undefined;
  const encryption = encryptionHeaders(chosenEncryption(request.headers, objects.encryption(address.bucket)));
  const upload: Upload = {
    ...address,
    id: randomUUID(),
    createdMs: clock.now(),
    headers: { ...keptHeaders(request.headers), ...encryption },
    checksumName,
    checksumType: checksumTypeOf(request.headers['x-amz-checksum-type'], checksumName),
  };
  await storage.write(() => parts.addUpload(upload));
  const names =
    element('Bucket', address.bucket) + element('Key', address.key) + element('UploadId', upload.id);
  const response = xml(
    `<InitiateMultipartUploadResult ${S3_NAMESPACE}>${names}</InitiateMultipartUploadResult>`,
  );
  const checksum = checksumName && {
    'x-amz-checksum-algorithm': checksumName.toUpperCase(),
    'x-amz-checksum-type': upload.checksumType,
  };
  return { ...response, headers: { ...response.headers, ...encryption, ...checksum } };
};

/** CRC64NVME is of the whole object only; of the others a composite is the default. */
function checksumTypeOf(asked: string | undefined, name: Upload['checksumName']): Upload['checksumType'] {
  if (name === 'crc64nvme') return 'FULL_OBJECT';
  if (asked === 'FULL_OBJECT' && (name === 'sha1' || name === 'sha256')) {
    throw new S3Error(
      400,
      'InvalidRequest',
      'The FULL_OBJECT checksum type cannot be used with this algorithm.',
    );
  }
  return asked === 'FULL_OBJECT' ? 'FULL_OBJECT' : 'COMPOSITE';
}

export const uploadPart: S3Operation = async (call) => {
  requireBucket(call);
  const upload = requireUpload(call);
  const number = Number(call.request.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > MAX_PART_NUMBER) {
    throw new S3Error(
      400,
      'InvalidArgument',
      'Part number must be an integer between 1 and 10000, inclusive',
      {
        ArgumentName: 'partNumber',
      },
    );
  }
  const { sizeBytes, md5, checksum, bodyName } = await receiveBody(call.request, call.bodies, {
    inlineBytes: 0,
    md5: hasMd5Etag(upload.headers),
  });
  if (bodyName === undefined) throw new Error('a part has a body of its own');
  call.usage.bytesIn = sizeBytes;
  const etag = newEtag(upload.headers, md5);
  const part: Part = {
    number,
    sizeBytes,
    etag,
    modifiedMs: call.clock.now(),
    checksum: checksum?.value,
    bodyName,
  };
  try {
    if (upload.checksumName && checksum && checksum.name !== upload.checksumName) {
      const message = `Checksum Type mismatch occurred, expected checksum Type: ${upload.checksumName}`;
      throw new S3Error(400, 'InvalidRequest', message);
    }
    const replaced = await call.storage.write(() => {
      requireUpload(call);
      return call.parts.putPart(upload.id, part);
    });
    if (replaced !== undefined) await call.bodies.remove(replaced);
  } catch (error) {
    await call.bodies.remove(bodyName);
    throw error;
  }
  const { 'x-amz-checksum-type': _, ...sums } = checksumHeaders(checksum);
  return {
    status: 200,
    headers: { etag: `"${etag}"`, ...keptEncryption(upload.headers), ...sums },
    body: NO_BYTES,
  };
};

export const abortMultipartUpload: S3Operation = async (call) => {
  const removed = await call.storage.write(() => {
    const { id } = requireUpload(call);
    const parts = call.parts.parts(id);
    call.parts.removeUpload(id);
    return parts;
  });
  await Promise.all(removed.map(({ bodyName }) => call.bodies.remove(bodyName)));
  return { status: 204, headers: {}, body: NO_BYTES };
};

export const listParts: S3Operation = async (call) => {
  const upload = requireUpload(call);
  const { query } = call.request;
  const marker = Number(query.get('part-number-marker') ?? 0);
  const max = Math.min(Number(query.get('max-parts') ?? 1000), 1000);
  const all = call.parts.parts(upload.id).filter(({ number }) => number > marker);
  const shown = all.slice(0, max);
  await call.storage.settled();
  const fields = [
    element('Bucket', upload.bucket),
    element('Key', upload.key),
    element('UploadId', upload.id),
    element('PartNumberMarker', marker),
    ...(all.length > max ? [element('NextPartNumberMarker', shown.at(-1)?.number ?? marker)] : []),
    element('MaxParts', max),
    element('IsTruncated', all.length > max),
    ...shown.map((part) => partXml(part, upload)),
  ];
  return xml(`<ListPartsResult ${S3_NAMESPACE}>${fields.join('')}</ListPartsResult>`);
};

function partXml(part: Part, { checksumName }: Upload): string {
  const fields = [
    element('PartNumber', part.number),
    element('LastModified', new Date(part.modifiedMs).toISOString()),
    element('ETag', `"${part.etag}"`),
    element('Size', part.sizeBytes),
  ];
  if (checksumName && part.checksum)
    fields.push(element(`Checksum${checksumName.toUpperCase()}`, part.checksum));
  return `<Part>${fields.join('')}</Part>`;
}

export const listMultipartUploads: S3Operation = async (call) => {
  requireBucket(call);
  const prefix = call.request.query.get('prefix') ?? '';
  const uploads = call.parts.uploads(call.address.bucket).filter(({ key }) => key.startsWith(prefix));
  await call.storage.settled();
  const items = uploads.slice(0, 1000).map(({ key, id, createdMs }) => {
    const initiated = element('Initiated', new Date(createdMs).toISOString());
    return `<Upload>${element('Key', key)}${element('UploadId', id)}${initiated}</Upload>`;
  });
  const head = element('Bucket', call.address.bucket) + element('IsTruncated', uploads.length > 1000);
  return xml(
    `<ListMultipartUploadsResult ${S3_NAMESPACE}>${head}${items.join('')}</ListMultipartUploadsResult>`,
  );
};

/** @throws S3Error NoSuchUpload */
export function requireUpload({ parts, request, address }: S3Call): Upload {
  const id = request.query.get('uploadId') ?? '';
  const upload = parts.upload(id, address.bucket, address.key);
  if (upload) return upload;
  const message =
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
  throw new S3Error(404, 'NoSuchUpload', message, { UploadId: id });
}

/** The ETag of an object made of parts, however encrypted: the MD5 of their ETags, and how many they are. */
export function multipartEtag(parts: readonly Part[]): string {
  const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, 'hex')));
  return `${hash('md5', digests, 'hex')}-${parts.length}`;
}
