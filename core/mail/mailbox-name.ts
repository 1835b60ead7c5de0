/**
 * Names of mailboxes: UTF-8 in NFC, '/' between levels, INBOX in any case is INBOX.
 * RFC 9051 5.1, RFC 9051 6.3.9 (LIST wildcards), RFC 5198 (NFC).
 */

import { NamePattern } from './name-pattern.ts';

export const delimiter = '/';
/** Octets of a whole name in UTF-8. */
export const maxNameOctets = 1_000;
export const maxNameDepth = 50;
/** Wildcards in one LIST pattern; more are refused by `matcher`. */
export const maxWildcards = 50;

export type ParsedName =
  | { readonly name: string }
  /** Plain words for the NO reply. */
  | { readonly invalid: string };

/**
 * A name as a client wrote it (already UTF-8 text; see modified-utf7.ts) in canonical form. One
 * '/' at the end is taken away: it only says that children will come (RFC 9051 6.3.4).
 */
export function parseMailboxName(text: string): ParsedName {
  if (!text.isWellFormed()) return { invalid: 'Name is not UTF-8' };
  const name = canonicalInbox(text.normalize('NFC').replace(/\/$/, ''));
  if (name === '') return { invalid: 'Name is empty' };
  if (Buffer.byteLength(name) > maxNameOctets)
    return { invalid: `Name is longer than ${maxNameOctets} octets` };
  // RFC 5198 2, RFC 9051 5.1: no C0, DEL, C1, line and paragraph separators; no wildcards of LIST.
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name))
    return { invalid: 'Name has a control character' };
  if (/[%*]/.test(name)) return { invalid: 'Name has a wildcard' };
  const levels = name.split(delimiter);
  if (levels.includes('')) return { invalid: 'Name has an empty level' };
  if (levels.length > maxNameDepth) return { invalid: `Name has more than ${maxNameDepth} levels` };
  return { name };
}

/** INBOX, and INBOX as the first level, in capitals (RFC 9051 5.1). */
function canonicalInbox(name: string): string {
  return /^inbox(\/|$)/i.test(name) ? `INBOX${name.slice(5)}` : name;
}

/** `a/b/c` -> `['a', 'a/b']`. */
export function ancestorsOf(name: string): readonly string[] {
  const ancestors: string[] = [];
  // Slices share the octets of the name: a hostile account has a million of them.
  for (let at = name.indexOf(delimiter); at !== -1; at = name.indexOf(delimiter, at + 1))
    ancestors.push(name.slice(0, at));
  return ancestors;
}

export function isBelow(name: string, parent: string): boolean {
  return name.startsWith(parent + delimiter);
}

/**
 * Compiles a LIST pattern: '*' is anything, '%' anything without '/'. Undefined for too many
 * wildcards. What is longer than any name matches none.
 */
export function matcher(pattern: string): ((name: string) => boolean) | undefined {
  const canonical = canonicalInbox(pattern.normalize('NFC'));
  // A run of wildcards with a '*' in it is one '*', else one '%'.
  const tokens = [...canonical.replace(/[%*]+/g, (run) => (run.includes('*') ? '*' : '%'))];
  const wildcards = tokens.filter((token) => token === '*' || token === '%').length;
  if (wildcards > maxWildcards) return undefined;
  if (tokens.length - wildcards > maxNameOctets) return () => false;
  if (wildcards === 0) return (name) => name === canonical;
  const compiled = new NamePattern(tokens);
  return (name) => compiled.matches([...name], delimiter);
}
