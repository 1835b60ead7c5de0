/**
 * The identifiers and counters of the domain, as branded types, so that one is never
 * handed over where another is meant. Parsing happens at the edges; inside they are trusted.
 */

declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Lower-case letters, digits and '-', 1 to 63 octets. The first part of every key. */
export type TenantId = Branded<string, 'TenantId'>;
/** Opaque, unique in its tenant, never used again, without '#' or '/'. */
export type AccountId = Branded<string, 'AccountId'>;
/** UUIDv7 in its usual text form; its time is the time the message came to us. */
export type MessageId = Branded<string, 'MessageId'>;
/** Random; names one attempt to append one entry. */
export type EntryId = Branded<string, 'EntryId'>;
/** Opaque and stable over renames; the default mailboxes have fixed ids ('inbox', 'junk', ...). */
export type MailboxId = Branded<string, 'MailboxId'>;
/** 1 to 2^32-1 (RFC 9051 2.3.1.1). */
export type Uid = Branded<number, 'Uid'>;
/** 1 to 2^32-1 (RFC 9051 2.3.1.1). */
export type UidValidity = Branded<number, 'UidValidity'>;
/** 1, 2, 3 ... without holes, per account: the number of a log entry (RFC 7162 mod-sequence). */
export type ModSeq = Branded<number, 'ModSeq'>;
/** 1-based position of a message in a session's view of a mailbox. */
export type SequenceNumber = Branded<number, 'SequenceNumber'>;

/** Which account; every key in every table but Routes begins with the tenant. */
export interface AccountKey {
  readonly tenant: TenantId;
  readonly account: AccountId;
}

/** `<tenant>#<account>`: the partition key of Log and Messages. */
export function partitionKey({ tenant, account }: AccountKey): string {
  return `${tenant}#${account}`;
}
