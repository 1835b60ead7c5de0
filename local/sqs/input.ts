/** Reads typed values out of a JSON input, refusing with SQS's words what has the wrong type or range. */
import { isJsonObject, type Json, type JsonObject } from '../json-protocol.ts';
import { invalidValue, missing } from './error.ts';

export function requiredString(input: JsonObject, name: string): string {
  const value = input[name];
  if (value === undefined || value === null) throw missing(name);
  if (typeof value !== 'string') throw invalidValue(`${name} must be a string.`);
  return value;
}

export function optionalString(input: JsonObject, name: string): string | undefined {
  const value = input[name];
  return value === undefined || value === null ? undefined : requiredString(input, name);
}

/** A whole number within `min`..`max`, or undefined when it is not given. */
export function optionalInteger(
  input: JsonObject,
  name: string,
  min: number,
  max: number,
): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    const reason = `Must be >= ${min} and <= ${max}, if provided.`;
    throw invalidValue(`Value ${JSON.stringify(value)} for parameter ${name} is invalid. Reason: ${reason}`);
  }
  return value;
}

export function optionalObject(input: JsonObject, name: string): JsonObject {
  const value = input[name] ?? {};
  if (!isJsonObject(value)) throw invalidValue(`${name} must be a map.`);
  return value;
}

export function strings(input: JsonObject, name: string): readonly string[] {
  const value = input[name] ?? [];
  if (!Array.isArray(value)) throw invalidValue(`${name} must be a list.`);
  return value.map(String);
}

export function objects(input: JsonObject, name: string): readonly JsonObject[] {
  const value: Json = input[name] ?? [];
  if (!Array.isArray(value)) throw invalidValue(`${name} must be a list.`);
  return value.map((entry: Json) => {
    if (!isJsonObject(entry)) throw invalidValue(`${name} must be a list of structures.`);
    return entry;
  });
}
