/** Every limit of a POP3 session, in one place. RFC numbers where an RFC asks for it. */

/** Octets of a command line. RFC 2449 4 asks for 255; SASL responses and long passwords need more. */
export const maxLineOctets = 2048;
/** Silence after which a session ends without UPDATE (RFC 1939 3: at least 10 minutes). */
export const autologoutMs = 10 * 60_000;
/** Silence before anybody has logged in, when there is no maildrop to lose. */
export const loginTimeoutMs = 3 * 60_000;
/** How long the last words to a silent client may take. */
export const farewellTimeoutMs = 1000;
/** Commands before a login; a stranger could ask CAPA for days. */
export const maxCommandsBeforeLogin = 50;
/** Commands in a row that were none or could not be. */
export const maxBadCommands = 20;
/** Wrong passwords in one connection; each one is answered more slowly than the last. */
export const maxLoginFailures = 5;
/** The answer to the n-th wrong password waits n times this. */
export const loginFailureDelayMs = 1000;
/** Octets of a listing that are written at once. */
export const listingChunkOctets = 64 * 1024;
/** First range that TOP reads: nearly all headers fit. */
export const topFirstRangeOctets = 16 * 1024;
/** Largest range that TOP reads at once. */
export const topMaxRangeOctets = 1024 * 1024;
/** Octets of a message that is read ahead of its RETR; the account keeps whole messages of this size for a while. */
export const readAheadOctets = 100_000;
