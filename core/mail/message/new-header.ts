// The index of a message that gets another header in front of the same body, made without reading
// the body again. Pure. Which fields are exchanged, and why, is not known here.
import { indexMessage } from './index-message.ts';
import type { PartNode, RecordedIndex } from './types.ts';

/** An index without what only the header says. */
export type BodyIndex = Omit<RecordedIndex, 'envelope'>;

/**
 * `index` is of a message that began with `oldHeader`; the answer is of the one that begins with
 * `newHeader` instead. Both end with the empty line (or the message does). Undefined when the new
 * header says other things about the body than the old one: then the body must be read.
 */
export function withNewHeader(
  index: BodyIndex,
  oldHeader: Uint8Array,
  newHeader: Uint8Array,
): RecordedIndex | undefined {
  const [before, after] = [indexMessage(oldHeader), indexMessage(newHeader)];
  if (before.headerEnd !== oldHeader.length || after.headerEnd !== newHeader.length) return undefined;
  if (before.bodyStructure !== after.bodyStructure) return undefined;
  if (before.parts.encoding !== after.parts.encoding) return undefined; // of a multipart no text tells it
  const { bodyStructure, preview, parts } = index;
  const root = moved(parts, newHeader.length - oldHeader.length);
  return {
    envelope: after.envelope,
    bodyStructure,
    preview,
    parts: { ...root, headerStart: parts.headerStart },
  };
}

function moved(part: PartNode, byOctets: number): PartNode {
  return {
    ...part,
    headerStart: part.headerStart + byOctets,
    bodyStart: part.bodyStart + byOctets,
    bodyEnd: part.bodyEnd + byOctets,
    children: part.children.map((child) => moved(child, byOctets)),
  };
}
