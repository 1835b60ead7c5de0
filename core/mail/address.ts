/**
 * A mail address: Mailbox of RFC 5321 4.1.2, with UTF-8 as RFC 6531 3.3 allows. Parsed once
 * at the edge. The domain is held in lower case and as A-labels; the local part as written.
 */
import { domainToASCII } from 'node:url';

export interface Address {
  /** Without quotes; the case as written. */
  readonly localPart: string;
  /** Lower case, A-labels, or an address literal in brackets. */
  readonly domain: string;
}

/** RFC 5321 4.5.3.1.1 and 4.5.3.1.2, in octets. */
export const maxLocalPartOctets = 64;
export const maxDomainOctets = 255;

/** `local@domain` for keys and comparison: both halves in lower case, NFC. */
export function canonical({ localPart, domain }: Address): string {
  return `${localPart.normalize('NFC').toLowerCase()}@${domain}`;
}

/** The address in a text that is nothing else; undefined if it is none. */
export function parseAddress(text: string): Address | undefined {
  const scanned = scanAddress(text, 0);
  return scanned?.end === text.length ? scanned.address : undefined;
}

/** Back to wire form: the local part quoted where it must be (RFC 5321 4.1.2). */
export function formatAddress({ localPart, domain }: Address): string {
  const plain = dotString.exec(localPart)?.[0].length === localPart.length;
  return `${plain ? localPart : `"${localPart.replace(/["\\]/g, '\\$&')}"`}@${domain}`;
}

/** Whether the address needs SMTPUTF8 to travel (RFC 6531 3.4): the domain never does. */
export function isAscii(text: string): boolean {
  return !/[^\x00-\x7f]/.test(text);
}

// Mailbox       = Local-part "@" ( Domain / address-literal )
// Local-part    = Dot-string / Quoted-string
// atext         =/ UTF8-non-ascii (RFC 6531 3.3); sub-domain =/ U-label
const dotString =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+)*/u;
const quotedString = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e\u0080-\u{10ffff}]|\\[\x20-\x7e])*)"/u;
const literal = /^\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9a-fA-F:.]{2,45})\]/i;
const domainText = /^[A-Za-z0-9_.\u0080-\u{10ffff}-]+/u;
// '_' is in no standard, and in the names of hosts that do send mail
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** The address that begins at `from`, and where it ends; undefined if none begins there. */
export function scanAddress(text: string, from: number): { address: Address; end: number } | undefined {
  const rest = text.slice(from, from + 1000);
  const quoted = quotedString.exec(rest);
  const local = quoted ?? dotString.exec(rest);
  if (!local || rest[local[0].length] !== '@') return undefined;
  const localPart = quoted ? (quoted[1] ?? '').replace(/\\(.)/g, '$1') : local[0];
  if (localPart === '' || Buffer.byteLength(localPart) > maxLocalPartOctets) return undefined;
  const after = rest.slice(local[0].length + 1);
  const written = (literal.exec(after) ?? domainText.exec(after))?.[0];
  const domain = written === undefined ? undefined : parseDomain(written);
  if (written === undefined || domain === undefined) return undefined;
  return { address: { localPart, domain }, end: from + local[0].length + 1 + written.length };
}

/** A domain or an address literal in the form that an Address holds; undefined if it is neither. */
export function parseDomain(text: string): string | undefined {
  if (text.startsWith('[')) return literal.exec(text)?.[0] === text ? text.toLowerCase() : undefined;
  const domain = isAscii(text) ? text.toLowerCase() : domainToASCII(text.normalize('NFC'));
  const labels = domain.split('.');
  if (domain.length > maxDomainOctets || !labels.every((part) => label.test(part))) return undefined;
  return domain;
}
