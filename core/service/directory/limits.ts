/** The limits of the directory, all in one place. Provisioning refuses what would cross them. */

/** How deep aliases and forwards are followed. */
export const maxDepth = 5;
/** Addresses that one recipient may lead to. */
export const maxTargets = 100;
/** How long a hosted domain with its keys (or its absence) is remembered. */
export const domainCacheMs = 10_000;
/** Domains remembered. */
export const domainCacheSize = 2000;
/** Octets of a login name (RFC 5321 4.5.3.1.1 and 4.5.3.1.2: 64 + '@' + 255). */
export const maxLoginOctets = 320;
/** Octets of a password (RFC 4616 leaves the limit to us). */
export const maxPasswordOctets = 1024;
