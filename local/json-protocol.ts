/**
 * The AWS JSON protocols as the embedded services speak them: a parsed input, an output
 * or an error with its `__type`. Shared by SQS, Lambda and whoever else answers in JSON.
 */
import { randomUUID } from 'node:crypto';
import { utf8 } from './bytes.ts';
import type { AwsResponse } from './types.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A refusal by a JSON service: becomes the answer, is no bug. */
export class JsonError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: JsonObject;

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    fields: JsonObject = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.fields = fields;
  }
}

/** The request body as a JSON object. @throws JsonError SerializationException */
export function parseInput(body: Uint8Array): JsonObject {
  if (body.byteLength === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(utf8(body));
  } catch {
    throw new JsonError(400, 'SerializationException', 'the body is not JSON');
  }
  if (!isJsonObject(value)) throw new JsonError(400, 'SerializationException', 'the body is no JSON object');
  return value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function jsonResponse(status: number, value: unknown, contentType: string): AwsResponse {
  return {
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': randomUUID() },
    body: Buffer.from(JSON.stringify(value)),
  };
}
