/**
 * DKIM signatures for a message that leaves us, by the mailauth library, over a stream.
 * Knows no directory: the caller says with which keys. RFC 6376, RFC 8463, RFC 8301.
 */
import { Readable } from 'node:stream';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';

export interface DkimSigner {
  /** d=, A-labels. */
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: 'rsa' | 'ed25519';
  /** PKCS#8 PEM. */
  readonly privateKey: string;
}

/**
 * DKIM-Signature fields with CRLF line ends to put in front of the message, one for each signer;
 * '' without signers. The octets are read to their end in any case; they must have CRLF line
 * ends. Throws when one of the keys cannot sign: half-signed mail would fail only at some readers.
 */
export async function dkimSignatures(
  octets: AsyncIterable<Uint8Array>,
  signers: readonly DkimSigner[],
  nowMs: number,
): Promise<string> {
  const [one] = signers;
  if (one === undefined) {
    for await (const _ of octets);
    return '';
  }
  const { signatures, errors } = await dkimSign(Readable.from(octets, { objectMode: false }), {
    // The library's types want these; `signatureData` alone decides.
    signingDomain: one.domain,
    selector: one.selector,
    privateKey: one.privateKey,
    canonicalization: 'relaxed/relaxed',
    signTime: new Date(nowMs),
    signatureData: signers.map(({ domain, selector, algorithm, privateKey }) => ({
      signingDomain: domain,
      selector,
      privateKey,
      algorithm: `${algorithm}-sha256`,
    })),
  });
  const [first] = errors;
  if (first)
    throw new Error(`DKIM key ${first.selector} of ${first.signingDomain} cannot sign`, { cause: first.err });
  return signatures;
}
