/**
 * Reverse-path and forward-path with the parameters behind them: the argument of MAIL and RCPT
 * (RFC 5321 4.1.2). Text in, values out; knows nobody's mailbox.
 */
import { type Address, scanAddress } from '../../mail/address.ts';

export type Path = { readonly kind: 'null' } | { readonly kind: 'postmaster' } | PathTo;
export interface PathTo {
  readonly kind: 'address';
  readonly address: Address;
}

export interface PathArgument {
  readonly path: Path;
  /** Keys in capitals; '' for a keyword without '='. */
  readonly parameters: ReadonlyMap<string, string>;
}

// Path = "<" [ A-d-l ":" ] Mailbox ">" ; A-d-l is a source route, taken and forgotten (RFC 5321 C)
const sourceRoute = /^@[^\s:<>"]{1,250}:/;
// esmtp-param = esmtp-keyword ["=" esmtp-value]; values may hold UTF-8 (RFC 6531 3.3)
const parameter = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\x00-\x20=\x7f]+))?$/;
const maxParameters = 20;

/** Parses what follows `FROM:` or `TO:`; undefined if it is malformed or names a parameter twice. */
export function parsePathArgument(text: string): PathArgument | undefined {
  const trimmed = text.replace(/^ +/, ''); // `FROM: <a@b>` is wrong and common
  const scanned = scanPath(trimmed);
  if (!scanned) return undefined;
  const rest = trimmed.slice(scanned.end);
  if (rest !== '' && !rest.startsWith(' ')) return undefined;
  const parameters = parseParameters(rest.trim());
  return parameters && { path: scanned.path, parameters };
}

function scanPath(text: string): { path: Path; end: number } | undefined {
  if (text.startsWith('<>')) return { path: { kind: 'null' }, end: 2 };
  if (/^<postmaster>/i.test(text)) return { path: { kind: 'postmaster' }, end: 12 };
  if (!text.startsWith('<')) return undefined;
  const route = sourceRoute.exec(text.slice(1))?.[0].length ?? 0;
  const scanned = scanAddress(text, 1 + route);
  if (!scanned || text[scanned.end] !== '>') return undefined;
  return { path: { kind: 'address', address: scanned.address }, end: scanned.end + 1 };
}

function parseParameters(text: string): Map<string, string> | undefined {
  const parameters = new Map<string, string>();
  const words = text.split(/ +/).filter((word) => word !== '');
  if (words.length > maxParameters) return undefined;
  for (const word of words) {
    const match = parameter.exec(word);
    const key = match?.[1]?.toUpperCase();
    if (!match || key === undefined || parameters.has(key)) return undefined;
    parameters.set(key, match[2] ?? '');
  }
  return parameters;
}
