// IMAP section numbers over the part tree: where the octets of `BODY[2.1.MIME]` lie.
// RFC 9051 6.4.5.1. Needs the tree alone, never the message.
import type { PartNode } from './types.ts';

export interface OctetRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

// section-spec = "" / "HEADER" / "TEXT" / part *("." part) ["." ("HEADER" / "TEXT" / "MIME")]
const SECTION = /^(?:(\d{1,9}(?:\.\d{1,9})*)(?:\.(HEADER|TEXT|MIME))?|(HEADER|TEXT)|)$/i;

/**
 * The octets of a section, or undefined if the message has none such. HEADER.FIELDS is
 * HEADER, filtered by `selectHeaderFields`.
 */
export function resolveSection(root: PartNode, section: string): OctetRange | undefined {
  const match = SECTION.exec(section);
  if (match === null) return undefined;
  const [, numbers, suffix, whole] = match;
  if (whole !== undefined) return messageRange(root, whole.toUpperCase());
  if (numbers === undefined) return { start: root.headerStart, end: root.bodyEnd };
  const part = findPart(root, numbers);
  if (part === undefined) return undefined;
  if (suffix === undefined) return { start: part.bodyStart, end: part.bodyEnd };
  if (suffix.toUpperCase() === 'MIME') return { start: part.headerStart, end: part.bodyStart };
  const inner = embedded(part);
  return inner === undefined ? undefined : messageRange(inner, suffix.toUpperCase());
}

/** The part with these numbers (`1`, `2.1`), or undefined. Part 1 of a message without parts is its body. */
export function findPart(root: PartNode, numbers: string): PartNode | undefined {
  let candidates = numberedParts(root);
  let part: PartNode | undefined;
  for (const number of numbers.split('.')) {
    part = candidates[Number(number) - 1];
    if (part === undefined) return undefined;
    candidates = partsWithin(part);
  }
  return part;
}

function messageRange(top: PartNode, suffix: string): OctetRange {
  return suffix === 'HEADER'
    ? { start: top.headerStart, end: top.bodyStart }
    : { start: top.bodyStart, end: top.bodyEnd };
}

/** What has numbers directly under a message: the parts of its multipart, or its one part. */
function numberedParts(top: PartNode): readonly PartNode[] {
  return top.type === 'multipart' ? top.children : [top];
}

function partsWithin(part: PartNode): readonly PartNode[] {
  if (part.type === 'multipart') return part.children;
  const inner = embedded(part);
  return inner === undefined ? [] : numberedParts(inner);
}

function embedded(part: PartNode): PartNode | undefined {
  return part.type === 'multipart' ? undefined : part.children[0];
}
