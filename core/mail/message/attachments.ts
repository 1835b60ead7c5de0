// Which parts a person would call attachments. RFC 2183 (disposition), RFC 2387 (related).
import { MAX_ATTACHMENTS } from './limits.ts';
import type { Attachment, IndexedPart } from './types.ts';

/**
 * The attachments of a message, in order, at most MAX_ATTACHMENTS: what says so, has a file
 * name, or is no text; but not the pictures that an HTML part shows (in multipart/related,
 * with an id). An embedded message is one attachment, and is not looked into.
 */
export function attachmentsOf(root: IndexedPart): readonly Attachment[] {
  const found: Attachment[] = [];
  collect(root, false, found);
  return found;
}

function collect(part: IndexedPart, inRelated: boolean, found: Attachment[]): void {
  if (found.length >= MAX_ATTACHMENTS) return;
  if (part.type === 'multipart') {
    const related = part.subtype === 'related';
    for (const child of part.children) collect(child, related, found);
    return;
  }
  if (!isAttachment(part, inRelated)) return;
  const { path, filename, sizeBytes } = part;
  found.push({ path, filename, type: `${part.type}/${part.subtype}`, sizeBytes });
}

function isAttachment(part: IndexedPart, inRelated: boolean): boolean {
  if (part.disposition === 'attachment') return true;
  if (inRelated && part.id !== undefined) return false;
  return part.filename !== undefined || part.type !== 'text';
}
