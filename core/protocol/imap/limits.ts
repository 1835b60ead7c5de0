/**
 * Every limit of an IMAP session, each with its reason or its RFC, in one place.
 */

/** Octets of one line of a command. RFC 2683 3.2.1.5 asks for 8,000; long UID sets come as one line. */
export const MAX_LINE_OCTETS = 64 * 1024;
/** Octets of one literal other than APPEND's message (RFC 9051 4.3, RFC 7888). */
export const MAX_LITERAL_OCTETS = 64 * 1024;
/** Octets of a whole command with its literals, the message of APPEND not counted. */
export const MAX_COMMAND_OCTETS = 160 * 1024;
/** Octets of a whole command before LOGIN. */
export const MAX_COMMAND_OCTETS_BEFORE_LOGIN = 8 * 1024;
/** Literals of one command; an unknown peer could ask for a continuation without end. */
export const MAX_LITERALS = 64;
/** Nested parentheses and NOTs of a SEARCH. */
export const MAX_SEARCH_DEPTH = 50;
/** Keys of one SEARCH. */
export const MAX_SEARCH_KEYS = 1000;
/** Data items of one FETCH. */
export const MAX_FETCH_ITEMS = 100;
/** Part numbers of one section, `1.2.3`. */
export const MAX_SECTION_DEPTH = 60;
/** Field names of one HEADER.FIELDS. */
export const MAX_HEADER_NAMES = 200;
/** Flags of one STORE or APPEND. */
export const MAX_FLAGS = 100;
/** Fields of ID and their octets (RFC 2971 3.3). */
export const MAX_ID_FIELDS = 30;
/** Octets of a message given to APPEND; more is refused with TOOBIG (RFC 7889). */
export const MAX_APPEND_OCTETS = 50 * 1024 * 1024;
/** Octets of a non-synchronizing literal that we do not want but read away; above that: BYE (RFC 7888 4). */
export const MAX_SWALLOWED_OCTETS = 64 * 1024 * 1024;
/** The same before LOGIN. */
export const MAX_SWALLOWED_OCTETS_BEFORE_LOGIN = 256 * 1024;
/** Octets of one line of AUTHENTICATE (RFC 9051 6.2.2 names 12,288 for SASL). */
export const MAX_SASL_LINE_OCTETS = 12_288;
/** Time from the greeting to a successful login. */
export const LOGIN_TIME_MS = 2 * 60_000;
/** Autologout; RFC 9051 5.4 asks for at least 30 minutes. */
export const IDLE_TIME_MS = 31 * 60_000;
/** How long one IDLE may last (RFC 2177: clients renew every 29 minutes). */
export const MAX_IDLE_COMMAND_MS = 30 * 60_000;
/** Refused logins before BYE. */
export const MAX_FAILED_LOGINS = 4;
/** Delay of the reply to the n-th refused login: n times this. */
export const FAILED_LOGIN_DELAY_MS = 1000;
/** Commands answered BAD one after the other before BYE. */
export const MAX_BAD_COMMANDS = 20;
/** Octets of replies gathered before they are written. */
export const WRITE_CHUNK_OCTETS = 64 * 1024;
/** Messages of one FETCH read ahead of the one being written: a bucket answers slowly, but many at once. */
export const READ_AHEAD_MESSAGES = 40;
/** Octets that they may come to. */
export const READ_AHEAD_OCTETS = 2 * 1024 * 1024;
/** Messages of one SEARCH whose header or text is looked at at a time. */
export const SEARCHED_AT_ONCE = 16;
/** Octets of a body section that is read as a whole; a larger one is streamed. */
export const MAX_BUFFERED_SECTION_OCTETS = 128 * 1024;
/** Octets of a header that HEADER.FIELDS looks at. */
export const MAX_HEADER_OCTETS = 256 * 1024;
/** Lines of FETCH FLAGS built before other sessions get their turn. */
export const ROWS_PER_TURN = 4096;
/** Patterns of one LIST (RFC 5258). */
export const MAX_LIST_PATTERNS = 20;
/** How long a SEARCH that reads bodies may take before it gives up with NO [LIMIT]. */
export const MAX_SEARCH_MS = 10 * 60_000;
/** How long one LIST may hold up other sessions before they get their turn. */
export const MAX_TURN_MS = 20;
