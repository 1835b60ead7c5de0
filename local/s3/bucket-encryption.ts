/** The default encryption of a bucket: set, shown, and put back to SSE-S3, which every bucket has at least. */
import { collect, NO_BYTES, utf8 } from '../bytes.ts';
import { xml } from './buckets.ts';
import { requireBucket, type S3Operation } from './context.ts';
import { type Encryption, noDualLayer } from './encryption.ts';
import { S3Error } from './error.ts';
import { receiveBody } from './receive-body.ts';
import { element, parseXml, S3_NAMESPACE, type XmlElement } from './xml.ts';

const MAX_BODY_BYTES = 64 * 1024;

export const getBucketEncryption: S3Operation = async (call) => {
  requireBucket(call);
  const { algorithm, keyId, bucketKey } = call.objects.encryption(call.address.bucket);
  await call.storage.settled();
  const fields = element('SSEAlgorithm', algorithm) + (keyId ? element('KMSMasterKeyID', keyId) : '');
  const byDefault = `<ApplyServerSideEncryptionByDefault>${fields}</ApplyServerSideEncryptionByDefault>`;
  const rule = `<Rule>${byDefault}${element('BucketKeyEnabled', bucketKey)}</Rule>`;
  return xml(
    `<ServerSideEncryptionConfiguration ${S3_NAMESPACE}>${rule}</ServerSideEncryptionConfiguration>`,
  );
};

export const putBucketEncryption: S3Operation = async (call) => {
  requireBucket(call);
  const body = await collect(call.request.body, MAX_BODY_BYTES);
  const { bytes = NO_BYTES } = await receiveBody({ ...call.request, body }, call.bodies, {
    inlineBytes: MAX_BODY_BYTES,
    md5: false,
  });
  const encryption = parseConfiguration(utf8(bytes));
  await call.storage.write(() => {
    requireBucket(call);
    call.objects.setEncryption(call.address.bucket, encryption);
  });
  return { status: 200, headers: {}, body: NO_BYTES };
};

export const deleteBucketEncryption: S3Operation = async (call) => {
  await call.storage.write(() => {
    requireBucket(call);
    call.objects.setEncryption(call.address.bucket, undefined);
  });
  return { status: 204, headers: {}, body: NO_BYTES };
};

/** Exactly one rule. @throws S3Error MalformedXML, InvalidArgument, NotImplemented */
function parseConfiguration(source: string): Encryption {
  const root = parseXml(source);
  const [rule, ...others] = root?.name === 'ServerSideEncryptionConfiguration' ? root.children : [];
  if (rule?.name !== 'Rule' || others.length > 0) throw malformedXml();
  if (childOf(rule, 'BlockedEncryptionTypes')) {
    throw new S3Error(501, 'NotImplemented', 'The embedded S3 blocks no types of encryption');
  }
  const byDefault = childOf(rule, 'ApplyServerSideEncryptionByDefault');
  const algorithm = byDefault && childOf(byDefault, 'SSEAlgorithm')?.text;
  const keyId = byDefault && childOf(byDefault, 'KMSMasterKeyID')?.text;
  const bucketKey = childOf(rule, 'BucketKeyEnabled')?.text ?? 'false';
  if (algorithm === 'aws:kms:dsse') throw noDualLayer();
  if ((algorithm !== 'AES256' && algorithm !== 'aws:kms') || keyId === '') throw malformedXml();
  if (bucketKey !== 'true' && bucketKey !== 'false') throw malformedXml();
  if (keyId !== undefined && algorithm === 'AES256') {
    const message =
      'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse';
    throw new S3Error(400, 'InvalidArgument', message, {
      ArgumentName: 'ApplyServerSideEncryptionByDefault',
    });
  }
  return { algorithm, keyId, bucketKey: bucketKey === 'true' };
}

function childOf({ children }: XmlElement, wanted: string): XmlElement | undefined {
  return children.find(({ name }) => name === wanted);
}

function malformedXml(): S3Error {
  const message = 'The XML you provided was not well-formed or did not validate against our published schema';
  return new S3Error(400, 'MalformedXML', message);
}
