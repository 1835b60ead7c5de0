/** Every limit of an account and of one log entry (docs/log.md). Names and flags have theirs beside their parsers. */

export const maxMailboxes = 10_000;
export const maxSubscriptions = 20_000;
/** Distinct sets of flags in one mailbox; a change that would make more is refused. */
export const maxFlagSets = 10_000;
/** Distinct keywords in one mailbox; the FLAGS response lists them all. */
export const maxKeywords = 1_000;
/** UIDs end at 2^32-1 (RFC 9051 2.3.1.1); decisions refuse new messages near it. */
export const maxUid = 4_294_000_000;
/** Octets of one entry as JSON; an item of DynamoDB has 400 KB. */
export const maxEntryOctets = 390_000;
/** Messages that may leave in one entry: 27 octets each. */
export const maxDepartures = 10_000;
/** Messages that may arrive in one entry. */
export const maxArrivals = 1_000;
/** Octets of flags that may arrive in one entry. */
export const maxArrivingFlagOctets = 200_000;
/** Ranges of UIDs in one entry: at most 10 octets each in the long run. */
export const maxEntryRanges = 30_000;
/** Distinct changes in one `flagged` entry. */
export const maxFlagChanges = 1_000;
/** Octets of names in one `mailboxesRenamed` entry. */
export const maxRenameOctets = 250_000;
/** A message may be named as new for this long after the time in its id; orphans are claimed after twice that. */
export const nameableForMs = 12 * 3_600_000;
