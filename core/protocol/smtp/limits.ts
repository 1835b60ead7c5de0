/** Every limit of the SMTP server, in one place, with its source. */

/**
 * A command line without CRLF. RFC 5321 4.5.3.1.4 gives 512; SIZE, BODY, SMTPUTF8 and AUTH= add
 * 26, 17, 10 and 500 to MAIL, and an AUTH PLAIN initial response about 1,370 octets of base64.
 */
export const maxCommandOctets = 2048;
/** Recipients of one message; RFC 5321 4.5.3.1.8 asks for 100 at least. */
export const maxRecipients = 500;
/** Replies of 4xx and 5xx in one session before we hang up. */
export const maxErrors = 20;
/** Commands in a row that bring no message forward (NOOP, RSET, VRFY, EHLO ...). */
export const maxIdleCommands = 200;
/** Refused logins in one session (RFC 4954 4 leaves it to us). */
export const maxAuthFailures = 3;
/** The answer to the first refused login waits this long, each further one twice as long. */
export const authDelayMs = 1000;
/** Silence, also between chunks of a message: RFC 5321 4.5.3.2.7. */
export const idleTimeoutMs = 300_000;
/** Silence before a login on the submission ports. */
export const loginTimeoutMs = 60_000;
/** A message must come at this rate on average, once `dataGraceMs` have passed. */
export const minDataOctetsPerSecond = 1024;
export const dataGraceMs = 120_000;
/** Octets read at once from the connection into a message. */
export const dataChunkOctets = 65_536;
/** Largest message unless the settings say otherwise; RFC 5321 4.5.3.1.7 asks for 64 KB at least. */
export const defaultMaxMessageOctets = 50_000_000;
/** What a message that was refused may still send before we hang up, as a multiple of the largest message. */
export const maxDiscardedMessages = 4;
/** Replies held back while more commands are waiting (RFC 2920 3.2). */
export const maxHeldReplyChars = 8192;
/** Characters of a refused command that its log line shows. */
export const maxLoggedChars = 300;
/** Recipients of a message that its log line names. */
export const maxLoggedRecipients = 10;
