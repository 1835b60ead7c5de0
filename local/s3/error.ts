/** S3's refusals: a code, a status and a small XML body. */
import { randomUUID } from 'node:crypto';
import type { AwsResponse } from '../types.ts';
import { element, XML_HEAD } from './xml.ts';

/** Thrown by an operation, answered as XML. */
export class S3Error extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, fields: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

export function s3ErrorResponse(
  status: number,
  code: string,
  message: string,
  fields: Readonly<Record<string, string>> = {},
): AwsResponse {
  const requestId = randomUUID();
  const details = Object.entries({
    Code: code,
    Message: message,
    ...fields,
    RequestId: requestId,
    HostId: 'local',
  });
  const body = `${XML_HEAD}<Error>${details.map(([name, value]) => element(name, value)).join('')}</Error>`;
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
    body: Buffer.from(body),
  };
}
