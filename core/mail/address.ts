/**
 * A mail address: Mailbox of RFC 5321 4.1.2, with UTF-8 as RFC 6531 3.3 allows. Parsed once
 * at the edge. The domain is held in lower case and as A-labels; the local part as written.
 */

export interface Address {
  /** Without quotes; the case as written. */
  readonly localPart: string;
  /** Lower case, A-labels, or an address literal in brackets. */
  readonly domain: string;
}

/** `local@domain` for keys and comparison: both halves in lower case, NFC. */
export function canonical({ localPart, domain }: Address): string {
  return `${localPart.normalize('NFC').toLowerCase()}@${domain}`;
}
