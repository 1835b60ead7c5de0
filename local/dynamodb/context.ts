/**
 * What every operation of the embedded DynamoDB is given besides its request, and how it
 * puts its answer together. Knows no operation.
 */
import type { Storage } from '../storage.ts';
import type { Clock, Usage } from '../types.ts';
import type { Tables } from './tables.ts';
import type { Tokens } from './tokens.ts';
import { type AttributeValue, isObject } from './values.ts';

export interface Context {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly tables: Tables;
  readonly tokens: Tokens;
  readonly region: string;
  readonly accountId: string;
  /** A fresh UUID. */
  readonly newId: () => string;
}

/** JSON text that goes into an answer as it is. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The body of an answer: members that are undefined are left out, raw JSON is not encoded again. */
export function answer(members: Readonly<Record<string, unknown>>): string {
  const parts: string[] = [];
  for (const name in members) {
    const value = members[name];
    if (value === undefined) continue;
    parts.push(`"${name}":${value instanceof RawJson ? value.text : JSON.stringify(value)}`);
  }
  return `{${parts.join(',')}}`;
}

/** Notes the table of a request and the tenant: what stands before the first `#` of its partition key. */
export function noteResource(usage: Usage, table: string, hash: AttributeValue | undefined): void {
  usage.resource = table;
  if (isObject(hash) && 'S' in hash && typeof hash.S === 'string') {
    usage.tenant = hash.S.split('#', 1)[0] ?? '';
  }
}
