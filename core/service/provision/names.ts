/**
 * What a person may type: names of tenants and domains, addresses, passwords, sizes. Each
 * parser answers the canonical form or one sentence that says what is wrong.
 */
import { domainToASCII } from 'node:url';
import { canonical } from '../../mail/address.ts';
import type { TenantId } from '../../mail/ids.ts';
import { maxPasswordOctets } from '../directory/limits.ts';
import { type Outcome, refuse } from './outcome.ts';

const minPasswordCharacters = 8;
/** RFC 5321 4.5.3.1.1. */
const maxLocalPartOctets = 64;
/** RFC 1035 2.3.4, without the root's dot. */
const maxDomainOctets = 253;

/** Lower-case letters, digits and '-', beginning with a letter or digit, at most 63. */
export function parseTenant(text: string): Outcome<TenantId> {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) return { done: text as TenantId };
  return refuse(`'${text}' is no tenant name: use a-z, 0-9 and '-', at most 63, not '-' first`);
}

/** A domain as A-labels in lower case; at least two labels (RFC 1035 2.3.1, RFC 5890 2.3.2.1). */
export function parseDomain(text: string): Outcome<string> {
  const domain = domainToASCII(text.replace(/\.$/, ''));
  const labels = domain.split('.');
  const good = labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  if (good && labels.length > 1 && domain.length <= maxDomainOctets && !/^\d+$/.test(labels.at(-1) ?? '')) {
    return { done: domain };
  }
  return refuse(`'${text}' is no domain name: it must look like example.org`);
}

/** RFC 5322 3.2.3 atext, and all of Unicode above ASCII (RFC 6532 3.2) but controls and spaces. */
const dotAtom = /^(?:[a-z0-9!#$%&'*+/=?^_`{|}~.-]|[^\p{ASCII}\p{Cc}\p{Z}\p{Cs}])+$/iu;

/** An address without quotes or address literals, canonical. */
export function parseAddressText(text: string): Outcome<string> {
  const at = text.lastIndexOf('@');
  const localPart = text.slice(0, Math.max(at, 0));
  if (!dotAtom.test(localPart) || /^\.|\.\.|\.$/.test(localPart)) {
    return refuse(`'${text}' is no mail address: it must look like carol@example.org`);
  }
  if (Buffer.byteLength(localPart) > maxLocalPartOctets) {
    return refuse(`'${text}': what stands before the @ is longer than ${maxLocalPartOctets} octets`);
  }
  const domain = parseDomain(text.slice(at + 1));
  return 'refused' in domain ? domain : { done: canonical({ localPart, domain: domain.done }) };
}

/** All of the texts as addresses, duplicates removed, or the first that is none. */
export function parseAddressTexts(texts: readonly string[]): Outcome<readonly string[]> {
  const parsed = texts.map(parseAddressText);
  const bad = parsed.find((one) => 'refused' in one);
  if (bad && 'refused' in bad) return bad;
  return { done: [...new Set(parsed.flatMap((one) => ('done' in one ? [one.done] : [])))] };
}

/** 8 characters to 1024 octets, no control characters. */
export function parsePassword(text: string): Outcome<string> {
  if ([...text].length < minPasswordCharacters) {
    return refuse(`the password is shorter than ${minPasswordCharacters} characters`);
  }
  if (Buffer.byteLength(text) > maxPasswordOctets) {
    return refuse(`the password is longer than ${maxPasswordOctets} octets`);
  }
  if (/\p{Cc}/u.test(text)) return refuse('the password has control characters in it');
  return { done: text };
}

const units: { readonly [unit: string]: number } = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** '5GB', '500 MB', '750000', '0' or 'none' (both: no limit) as octets; K, M, G, T are powers of 1000. */
export function parseQuota(text: string): Outcome<number> {
  if (text.toLowerCase() === 'none') return { done: 0 };
  const [, digits, unit] = /^(\d{1,15}(?:\.\d{1,3})?)\s*([KMGT]?)B?$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(digits) * (units[(unit ?? '').toUpperCase()] ?? Number.NaN));
  if (digits === undefined || !Number.isSafeInteger(bytes)) {
    return refuse(`'${text}' is no size: write it like 5GB, 500MB or none`);
  }
  return { done: bytes };
}
