/**
 * The immutable facts about one message: what table Messages holds per account and
 * message. ENVELOPE and BODYSTRUCTURE are ready wire text, so that FETCH copies bytes.
 */
import type { AccountId, MessageId } from './ids.ts';

/**
 * Where the octets are. The message as clients see it is `prefix`, then the object without
 * its `cuts`. Offsets everywhere (parts, ranges, sizes) are offsets into that whole.
 */
export interface BodyRef {
  /** S3 key, `<tenant>/bodies/<yyyy-mm-dd>/<messageId>`. */
  readonly key: string;
  /** Octets (latin1 text) put in front of the object: the trace header of a message that was too large to travel inline. */
  readonly prefix?: string;
  /** Ranges [start, end) of the object that are left out (forged trace headers); ascending, disjoint. */
  readonly cuts?: readonly (readonly [number, number])[];
  /** Octets of the whole: prefix + object - cuts. */
  readonly sizeBytes: number;
}

export interface MessageRecord {
  readonly messageId: MessageId;
  readonly body: BodyRef;
  /** INTERNALDATE, milliseconds since the epoch, whole seconds. */
  readonly internalDateMs: number;
  /** IMAP wire text, ASCII (RFC 9051 7.5.2). */
  readonly envelope: string;
  /** IMAP wire text of BODYSTRUCTURE, ASCII. */
  readonly bodyStructure: string;
  /** The part tree with byte offsets, encoded by message/ (encodeParts). */
  readonly parts: string;
  /** At most 200 code points of the text. */
  readonly preview: string;
  /** Accounts of the tenant that were given this same object, this one included; more than one only at delivery. */
  readonly holders: readonly AccountId[];
}
