/** Message attributes: what may be sent, their size, and the MD5 that SDKs compare. */
import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../json-protocol.ts';
import { invalidValue } from './error.ts';

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

const MAX_ATTRIBUTES = 10;
const NAME = /^(?!\.)(?!aws\.|amazon\.)[\w.-]{1,256}$/i;
const DATA_TYPE = /^(String|Number|Binary)(\.[\w.-]{1,248})?$/;

/** @throws JsonError InvalidParameterValue */
export function parseMessageAttributes(input: JsonObject): MessageAttributes {
  const entries = Object.entries(input);
  if (entries.length > MAX_ATTRIBUTES) {
    throw invalidValue(`Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`);
  }
  const attributes: Record<string, MessageAttribute> = {};
  for (const [name, value] of entries) {
    if (!NAME.test(name)) throw invalidValue(`Invalid message attribute name ${name}.`);
    attributes[name] = parseAttribute(name, isJsonObject(value) ? value : {});
  }
  return attributes;
}

function parseAttribute(name: string, value: JsonObject): MessageAttribute {
  const { DataType, StringValue, BinaryValue } = value;
  const kind = typeof DataType === 'string' ? DATA_TYPE.exec(DataType)?.[1] : undefined;
  if (kind === undefined) throw invalidValue(`The type of message attribute '${name}' is invalid.`);
  const given = kind === 'Binary' ? BinaryValue : StringValue;
  if (typeof given !== 'string' || given === '') {
    throw invalidValue(`The message attribute '${name}' must contain a non-empty message attribute value.`);
  }
  if (kind === 'Number' && Number.isNaN(Number(given))) {
    throw invalidValue(`Can't cast the value of message attribute '${name}' to a number.`);
  }
  return kind === 'Binary'
    ? { DataType: String(DataType), BinaryValue: given }
    : { DataType: String(DataType), StringValue: given };
}

export function attributesBytes(attributes: MessageAttributes): number {
  let bytes = 0;
  for (const [name, attribute] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + valueBytes(attribute).length;
  }
  return bytes;
}

/** The MD5 over names, types and values in order of name, each preceded by its length. */
export function attributesMd5(attributes: MessageAttributes): string {
  const md5 = createHash('md5');
  for (const name of Object.keys(attributes).sort()) {
    const attribute = attributes[name];
    if (!attribute) continue;
    for (const part of [Buffer.from(name), Buffer.from(attribute.DataType)])
      md5.update(lengthOf(part)).update(part);
    const value = valueBytes(attribute);
    md5.update(Uint8Array.of(attribute.BinaryValue === undefined ? 1 : 2));
    md5.update(lengthOf(value)).update(value);
  }
  return md5.digest('hex');
}

function valueBytes({ StringValue, BinaryValue }: MessageAttribute): Buffer {
  return BinaryValue === undefined ? Buffer.from(StringValue ?? '') : Buffer.from(BinaryValue, 'base64');
}

function lengthOf(part: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return length;
}
