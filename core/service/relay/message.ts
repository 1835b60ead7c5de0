/**
 * A stored message made ready to be sent: line ends put right, signed, and known whether it is
 * 8-bit. A small one is read once and kept; a large one is read again whenever it is sent.
 * RFC 6376 (signing), RFC 6152.
 */
import type { DkimSigner } from '../../auth/dkim/sign.ts';
import { dkimSignatures } from '../../auth/dkim/sign.ts';
import { parseAddress } from '../../mail/address.ts';
import { parseHeaderFields, unfold } from '../../mail/message/header-fields.ts';
import type { BodyRef } from '../../mail/message-record.ts';
import type { BodyStore } from '../../mail/ports/body-store.ts';
import { bodyOctets, firstOctets } from './body-octets.ts';
import { crlfLines } from './smtp/dot-stuffing.ts';
import { limits } from './smtp/limits.ts';

export interface OutboundMessage {
  /** As sent, signatures included, without dot stuffing. */
  readonly sizeBytes: number;
  readonly has8bit: boolean;
  /** The header holds 8-bit octets (RFC 6532, or broken). */
  readonly headHas8bit: boolean;
  /** The octets to send; may be called again. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** Reads the message through once. `signersFor` gets the domain of the author, if there is exactly one. */
export async function prepareMessage(
  body: BodyRef,
  bodies: BodyStore,
  signersFor: (authorDomain: string | undefined) => Promise<readonly DkimSigner[]>,
  nowMs: number,
): Promise<OutboundMessage> {
  const kept = body.sizeBytes <= limits.keptMessageBytes;
  const start = await firstOctets(body, bodies, kept ? limits.keptMessageBytes : limits.headBytes);
  const open = () => crlfLines(kept ? once(start) : bodyOctets(body, bodies));
  const head = headOf(start);
  const signers = await signersFor(authorDomain(head));
  const seen = { sizeBytes: 0, has8bit: false };
  // With nothing to sign this only counts; the octets are drawn through either way.
  const signatures = Buffer.from(await dkimSignatures(counted(open(), seen), signers, nowMs), 'utf8');
  return {
    sizeBytes: seen.sizeBytes + signatures.length,
    has8bit: seen.has8bit,
    headHas8bit: has8bit(head),
    open: () => prefixed(signatures, open()),
  };
}

/** The header fields of what the message begins with, up to the empty line. */
export function headOf(start: Buffer): Buffer {
  const text = start.toString('latin1');
  const end = text.search(/(?:^|\n)\r?\n/);
  return end < 0 ? start : start.subarray(0, end + 1);
}

/** The domain in From, as A-labels; undefined unless there is one From with one address (RFC 5322 3.6.2). */
export function authorDomain(head: Buffer): string | undefined {
  const froms = parseHeaderFields(head).filter((field) => field.name.toLowerCase() === 'from');
  const [from] = froms;
  if (from === undefined || froms.length > 1) return undefined;
  const value = Buffer.from(unfold(from.rawValue), 'latin1')
    .toString('utf8')
    .replace(/"(?:[^"\\]|\\.)*"(?!@)/g, '');
  const angles = [...value.matchAll(/<([^<>]*)>/g)];
  const addresses = angles.length > 0 ? angles.map((one) => one[1] ?? '') : value.split(',');
  return addresses.length === 1 ? parseAddress((addresses[0] ?? '').trim())?.domain : undefined;
}

async function* once(octets: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  yield octets;
}

async function* prefixed(
  prefix: Buffer,
  octets: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (prefix.length > 0) yield prefix;
  yield* octets;
}

async function* counted(octets: AsyncIterable<Buffer>, seen: { sizeBytes: number; has8bit: boolean }) {
  for await (const chunk of octets) {
    seen.sizeBytes += chunk.length;
    seen.has8bit ||= has8bit(chunk);
    yield chunk;
  }
}

function has8bit(octets: Buffer): boolean {
  return /[\x80-\xff]/.test(octets.toString('latin1'));
}
