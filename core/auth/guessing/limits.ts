/** The limits of password guessing, in one place. No RFC sets them: RFC 4954 4 and RFC 9051 11.3 ask for some. */

/** Wrong passwords from one client address (IPv4, or an IPv6 /64) before it is held off. */
export const maxClientFailures = 20;
/** One of them is forgiven every so often: 120 guesses an hour, however many connections. */
export const clientForgivenessMs = 30_000;
/** Wrong passwords for one login, from wherever, before every further try for it is slowed. */
export const maxLoginFailures = 10;
export const loginForgivenessMs = 60_000;
/** The n-th try above it waits n times this, and `maxLoginDelayMs` at most. Slowed, never refused: its owner may be among them. */
export const loginDelayStepMs = 500;
export const maxLoginDelayMs = 8000;
/** A count never grows past this many times its limit, so that no burst shuts an address out for days. */
export const maxOvershoot = 4;
/** How long an address is known to be a login's own after a right password. */
export const knownMs = 30 * 86_400_000;
/** Addresses, logins, and pairs of them that are remembered; the longest untouched are forgotten first. */
export const maxRemembered = 20_000;
