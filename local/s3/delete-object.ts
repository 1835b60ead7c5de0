/** DeleteObject and DeleteObjects. Deleting what is not there is no error. */
import { collect, NO_BYTES, utf8 } from '../bytes.ts';
import { matches, preconditionFailed } from './conditions.ts';
import { removeSegments, requireBucket, type S3Call, type S3Operation } from './context.ts';
import { S3Error } from './error.ts';
import { receiveBody } from './receive-body.ts';
import { element, parseXml, S3_NAMESPACE, XML_HEAD, type XmlElement } from './xml.ts';

const MAX_KEYS = 1000;
const MAX_BODY_BYTES = 2 * 1024 * 1024;

export const deleteObject: S3Operation = async (call) => {
  requireBucket(call);
  await removeKeys(call, [call.address.key], call.request.headers['if-match']);
  return { status: 204, headers: {}, body: NO_BYTES };
};

export const deleteObjects: S3Operation = async (call) => {
  requireBucket(call);
  const body = await collect(call.request.body, MAX_BODY_BYTES);
  // A list that was damaged on its way must not delete anything.
  const { bytes = NO_BYTES, sizeBytes } = await receiveBody({ ...call.request, body }, call.bodies, {
    inlineBytes: MAX_BODY_BYTES,
    md5: false,
  });
  call.usage.bytesIn = sizeBytes;
  const root = parseXml(utf8(bytes));
  const keys = (root?.children ?? []).filter(({ name }) => name === 'Object').map(keyOf);
  if (root?.name !== 'Delete' || keys.length === 0 || keys.length > MAX_KEYS || keys.includes('')) {
    throw new S3Error(
      400,
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  await removeKeys(call, keys, undefined);
  const quiet = root.children.some(({ name, text }) => name === 'Quiet' && text === 'true');
  const deleted = quiet ? [] : keys.map((key) => `<Deleted>${element('Key', key)}</Deleted>`);
  const xml = `${XML_HEAD}<DeleteResult ${S3_NAMESPACE}>${deleted.join('')}</DeleteResult>`;
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(xml) };
};

function keyOf(object: XmlElement): string {
  return object.children.find(({ name }) => name === 'Key')?.text ?? '';
}

async function removeKeys(call: S3Call, keys: readonly string[], ifMatch: string | undefined): Promise<void> {
  const { bucket } = call.address;
  const segments = await call.storage.write(() => {
    const heads = keys.map((key) => call.objects.head(bucket, key));
    if (ifMatch !== undefined && !matches(ifMatch, heads[0]?.etag ?? ''))
      throw preconditionFailed('If-Match');
    for (const key of keys) call.objects.remove(bucket, key);
    return heads.flatMap((head) => head?.segments ?? []);
  });
  await removeSegments(call, segments);
}
