/** Queue attributes: which may be set, their ranges and defaults, and the redrive policy. */
import { isJsonObject, type JsonObject } from '../json-protocol.ts';
import { sqsError } from './error.ts';

export interface QueueSettings {
  readonly delaySeconds: number;
  readonly maximumMessageBytes: number;
  readonly retentionSeconds: number;
  readonly waitSeconds: number;
  readonly visibilitySeconds: number;
  readonly redrive: { readonly deadLetterQueue: string; readonly maxReceiveCount: number } | undefined;
}

/** As set, by name; numbers stay the strings they came as. */
export type QueueAttributes = Readonly<Record<string, string>>;

const NUMBERS: Readonly<Record<string, readonly [min: number, max: number, otherwise: number]>> = {
  DelaySeconds: [0, 900, 0],
  MaximumMessageSize: [1024, 1_048_576, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600, 345_600],
  ReceiveMessageWaitTimeSeconds: [0, 20, 0],
  VisibilityTimeout: [0, 43_200, 30],
};

/** Kept and given back, without effect here: access and encryption. */
const INERT = new Set([
  'Policy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
]);

/** The attributes of a request, checked. An empty string removes one. @throws JsonError */
export function parseAttributes(input: JsonObject): QueueAttributes {
  const attributes: Record<string, string> = {};
  for (const [name, raw] of Object.entries(input)) {
    const value = String(raw);
    const range = NUMBERS[name];
    if (range) checkNumber(name, value, range);
    else if (name === 'RedrivePolicy') parseRedrive(value);
    else if (name === 'FifoQueue')
      throw sqsError('UnsupportedOperation', 'The embedded SQS has standard queues only.');
    else if (!INERT.has(name)) throw sqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    attributes[name] = value;
  }
  return attributes;
}

export function withDefaults(attributes: QueueAttributes): QueueAttributes {
  const defaults = Object.entries(NUMBERS).map(([name, [, , otherwise]]) => [name, String(otherwise)]);
  const set = Object.entries(attributes).filter(([, value]) => value !== '');
  return Object.fromEntries([...defaults, ...set]);
}

export function settingsOf(attributes: QueueAttributes): QueueSettings {
  const all = withDefaults(attributes);
  return {
    delaySeconds: Number(all.DelaySeconds),
    maximumMessageBytes: Number(all.MaximumMessageSize),
    retentionSeconds: Number(all.MessageRetentionPeriod),
    waitSeconds: Number(all.ReceiveMessageWaitTimeSeconds),
    visibilitySeconds: Number(all.VisibilityTimeout),
    redrive: parseRedrive(all.RedrivePolicy ?? ''),
  };
}

function checkNumber(name: string, value: string, [min, max]: readonly [number, number, number]): void {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) {
    throw sqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
  }
}

function parseRedrive(policy: string): QueueSettings['redrive'] {
  if (policy === '') return undefined;
  const bad = sqsError('InvalidAttributeValue', 'Invalid value for the parameter RedrivePolicy.');
  let value: unknown;
  try {
    value = JSON.parse(policy);
  } catch {
    throw bad;
  }
  if (!isJsonObject(value)) throw bad;
  const deadLetterQueue = /^arn:aws:sqs:[^:]*:[^:]*:([\w-]{1,80})$/.exec(
    String(value.deadLetterTargetArn),
  )?.[1];
  const maxReceiveCount = Number(value.maxReceiveCount);
  if (deadLetterQueue === undefined || !(maxReceiveCount >= 1 && maxReceiveCount <= 1000)) throw bad;
  return { deadLetterQueue, maxReceiveCount };
}
