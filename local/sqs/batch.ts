/** What the batch operations share: rules on the entries, and success or failure entry by entry. */
import { JsonError, type JsonObject } from '../json-protocol.ts';
import { sqsError } from './error.ts';
import { requiredString } from './input.ts';

const MAX_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;

/** Runs `each` on every entry; an SQS error fails its entry alone. @throws JsonError for a bad batch */
export function batch(entries: readonly JsonObject[], each: (entry: JsonObject) => JsonObject): JsonObject {
  if (entries.length === 0) {
    throw sqsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > MAX_ENTRIES) {
    throw sqsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_ENTRIES}.`,
    );
  }
  const ids = entries.map((entry) => requiredString(entry, 'Id'));
  if (ids.some((id) => !ENTRY_ID.test(id))) {
    throw sqsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores.',
    );
  }
  if (new Set(ids).size < ids.length) {
    throw sqsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  const Successful: JsonObject[] = [];
  const Failed: JsonObject[] = [];
  for (const [index, entry] of entries.entries()) {
    const Id = ids[index] ?? '';
    try {
      Successful.push({ Id, ...each(entry) });
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      const Code = (error.headers['x-amzn-query-error'] ?? error.code).split(';')[0] ?? '';
      Failed.push({ Id, Code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, ...(Failed.length > 0 ? { Failed } : {}) };
}
