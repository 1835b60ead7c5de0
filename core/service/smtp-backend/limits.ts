/** Limits of taking mail from SMTP, in one place. */

/** Octets of messages that one server holds in memory at once; what comes above goes to S3 right away. */
export const inlineBudgetBytes = 256 * 1024 * 1024;
/** Tries of one `ingest`, the first included; the event is the same, so nothing is delivered twice. */
export const ingestAttempts = 3;
/** Pause before the second try; each further one is twice as long. */
export const ingestPauseMs = 200;
/** Accounts whose recipients are counted; the one that sent longest ago is forgotten first. */
export const maxCountedAccounts = 20_000;
