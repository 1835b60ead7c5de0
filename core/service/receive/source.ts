/**
 * The message as it was received, wherever it lies: in the event or in S3 already. A large one
 * is read in chunks and never held whole.
 */
import type { BodyIndex } from '../../mail/message/new-header.ts';
import { decodeParts } from '../../mail/message/parts-codec.ts';
import type { PartNode } from '../../mail/message/types.ts';
import type { BodyStore } from '../../mail/ports/body-store.ts';
import type { IngestEvent, SeenBody } from './event.ts';
import { maxHeaderOctets } from './limits.ts';

export interface MessageSource {
  readonly sizeBytes: number;
  /** Up to and with the empty line; undefined when it is longer than the limit, empty when there is none. */
  readonly header: Buffer | undefined;
  /** The whole message when it is in memory. */
  readonly octets: Buffer | undefined;
  /** Of the octets as received, when somebody has indexed them on their way. */
  readonly index: BodyIndex | undefined;
  /** The S3 key when it is there. */
  readonly key: string | undefined;
  /** Octets [start, end) in chunks. */
  stream(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** Reads the header, where it does not come along; the rest is left for later. */
export async function openSource({ body }: IngestEvent, bodies: BodyStore): Promise<MessageSource> {
  if (body.kind === 'inline') return inlineSource(Buffer.from(body.octets, 'base64'));
  const { key, sizeBytes } = body;
  const seen = body.seen && credible(body.seen, sizeBytes);
  return {
    sizeBytes,
    header: seen ? seen.header : await readHeader(key, sizeBytes, bodies),
    octets: undefined,
    index: seen?.index,
    key,
    stream: (start, end) => bodies.stream(key, start, end),
  };
}

/** Undefined for what cannot be of this message, or comes from a server of another version: then it is read. */
function credible(seen: SeenBody, sizeBytes: number): Pick<MessageSource, 'header' | 'index'> | undefined {
  const header = Buffer.from(seen.header, 'base64');
  if (header.length > maxHeaderOctets || !beginsLikeHeader(header)) return undefined;
  const parts = knownParts(seen.parts);
  if (parts?.bodyStart !== header.length || parts.bodyEnd !== sizeBytes) return undefined;
  const { bodyStructure, preview } = seen;
  return { header, index: { bodyStructure, preview, parts } };
}

function knownParts(text: string): PartNode | undefined {
  try {
    return decodeParts(text);
  } catch {
    return undefined;
  }
}

async function readHeader(key: string, sizeBytes: number, bodies: BodyStore): Promise<Buffer | undefined> {
  const head = await bodies.read(key, 0, Math.min(sizeBytes, maxHeaderOctets + 1));
  return headerOf(Buffer.from(head.buffer, head.byteOffset, head.length), sizeBytes);
}

function inlineSource(octets: Buffer): MessageSource {
  return {
    sizeBytes: octets.length,
    header: headerOf(octets, octets.length),
    octets,
    index: undefined,
    key: undefined,
    stream: async function* (start, end) {
      yield octets.subarray(start, end);
    },
  };
}

// A field's name (RFC 5322 3.6.8, 4.5), the empty line, or the first line of a message out of an mbox file
const beginning = /^(?:[\x21-\x39\x3b-\x7e]+[ \t]*:|\r\n|>?From )/;

/** What does not begin like a field is text, all of it: scripts send such messages. */
function headerOf(octets: Buffer, sizeBytes: number): Buffer | undefined {
  if (!beginsLikeHeader(octets)) return octets.subarray(0, 0);
  if (octets.subarray(0, 2).toString('latin1') === '\r\n') return octets.subarray(0, 2);
  const end = octets.indexOf('\r\n\r\n');
  if (end >= 0 && end + 4 <= maxHeaderOctets) return octets.subarray(0, end + 4);
  return end < 0 && sizeBytes <= maxHeaderOctets ? octets : undefined;
}

function beginsLikeHeader(octets: Buffer): boolean {
  return beginning.test(octets.toString('latin1', 0, 1000));
}
