// The MIME index of a message in one pass over its bytes, in chunks of any size. Any input
// gives an index. Searches run over whole chunks (line ends, "\n--"), never octet by octet.
// RFC 5322 2.1 (lines, header, body), RFC 2046 5.1.1 (delimiters). See docs/mime-index.md.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { attachmentsOf } from './attachments.ts';
import { bodyStructureText } from './body-structure.ts';
import type { Content } from './content.ts';
import { EMPTY_ENVELOPE } from './envelope.ts';
import { MAX_DELIMITER_LINE_BYTES, MAX_HEADER_BYTES, MAX_PREVIEW_SOURCE_BYTES } from './limits.ts';
import { type Delimiter, PartTree, type Place } from './part-tree.ts';
import { previewOf } from './preview.ts';
import type { MessageIndex } from './types.ts';

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;
const DELIMITER_START = Buffer.from('\n--');
const NOTHING = Buffer.alloc(0);
/** Verdicts on the start of a line; any other number is where the line was passed to. */
const NEED_MORE = -1;
const ORDINARY = -2;

/** The index of a whole message. */
export function indexMessage(bytes: Uint8Array): MessageIndex {
  const indexer = new MessageIndexer();
  indexer.write(bytes);
  return indexer.end();
}

/**
 * Push style: `write` the message in any chunks, then `end` once. Chunks are not kept, so
 * they may be reused. Memory is bounded by the limits, not by the message.
 */
export class MessageIndexer {
  readonly #tree = new PartTree();
  readonly #preview = new PreviewCollector();
  /** Octets that were given but not yet passed: at most one delimiter line. */
  #carry: Buffer = NOTHING;
  #buffer: Buffer = NOTHING;
  /** Offset of the buffer's first octet in the message. */
  #base = 0;
  #lines = 0;
  #atLineStart = true;
  /** Octets of the line break before the current line: 0, 1 or 2. */
  #breakBytes = 0;
  #lastByte = 0;
  #header = new HeaderCollector();
  #ended = false;
  #headerEnd: number | undefined;

  /** Offset of the first body octet; undefined while the octets written are all header. */
  get headerEnd(): number | undefined {
    return this.#headerEnd;
  }

  write(chunk: Uint8Array): void {
    assert(!this.#ended, 'write after end');
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#scan(this.#carry.length === 0 ? piece : Buffer.concat([this.#carry, piece]), false);
  }

  end(): MessageIndex {
    assert(!this.#ended, 'end twice');
    this.#scan(this.#carry, true);
    this.#ended = true;
    while (this.#tree.inHeader) this.#finishHeader(0);
    const parts = this.#tree.finish(this.#place(0));
    this.#preview.close();
    return {
      sizeBytes: this.#base,
      headerEnd: parts.bodyStart,
      envelope: parts.envelope ?? EMPTY_ENVELOPE,
      body: bodyStructureText(parts, false),
      bodyStructure: bodyStructureText(parts, true),
      parts,
      preview: this.#preview.text,
      attachments: attachmentsOf(parts),
      ...this.#tree.summary,
    };
  }

  #scan(buffer: Buffer, final: boolean): void {
    this.#buffer = buffer;
    this.#header.enter();
    let position = 0;
    while (position < buffer.length) {
      const verdict = this.#atLineStart ? this.#startLine(position, final) : ORDINARY;
      if (verdict === NEED_MORE) break;
      if (verdict !== ORDINARY) position = verdict;
      else position = this.#tree.inHeader ? this.#passHeaderLine(position) : this.#passBody(position);
    }
    if (this.#tree.inHeader) this.#header.leave(buffer, position);
    if (position > 0) this.#lastByte = buffer[position - 1] ?? 0;
    this.#base += position;
    // A copy, because the chunk belongs to the caller.
    this.#carry = position < buffer.length ? Buffer.from(buffer.subarray(position)) : NOTHING;
    this.#buffer = NOTHING;
  }

  /** At a line start: passes an empty line that ends a header, or a delimiter line. */
  #startLine(position: number, final: boolean): number {
    const buffer = this.#buffer;
    const [first, second] = [buffer[position], buffer[position + 1]];
    if (this.#tree.inHeader && (first === LF || first === CR)) {
      if (first === CR && second === undefined && !final) return NEED_MORE;
      if (first === LF || second === LF) return this.#passEmptyLine(position, first === LF ? 1 : 2);
      return ORDINARY;
    }
    if (first !== DASH || !this.#tree.hasDelimiters) return ORDINARY;
    if (second === undefined && !final) return NEED_MORE;
    return second === DASH ? this.#startDelimiter(position, final) : ORDINARY;
  }

  #passEmptyLine(position: number, breakBytes: number): number {
    const end = position + breakBytes;
    this.#lines++;
    this.#breakBytes = breakBytes;
    this.#finishHeader(end);
    return end;
  }

  /** A line that begins with "--". Longer than a delimiter can be, it is none. */
  #startDelimiter(position: number, final: boolean): number {
    const buffer = this.#buffer;
    const limit = Math.min(buffer.length, position + MAX_DELIMITER_LINE_BYTES);
    let lineEnd = position + 2;
    while (lineEnd < limit && buffer[lineEnd] !== LF) lineEnd++;
    if (lineEnd === limit) {
      if (limit === position + MAX_DELIMITER_LINE_BYTES) return ORDINARY;
      if (!final) return NEED_MORE;
    }
    let textEnd = lineEnd;
    while (isBlank(buffer[textEnd - 1])) textEnd--;
    if (!this.#tree.isDelimiterLength(textEnd - position)) return ORDINARY;
    const delimiter = this.#tree.delimiter(buffer.toString('latin1', position, textEnd));
    if (delimiter === undefined) return ORDINARY;
    return this.#passDelimiter(delimiter, position, lineEnd, lineEnd < limit);
  }

  #passDelimiter(delimiter: Delimiter, position: number, contentEnd: number, hasBreak: boolean): number {
    while (this.#tree.inHeader) this.#finishHeader(position);
    const place = this.#place(position);
    const end = hasBreak ? contentEnd + 1 : contentEnd;
    if (hasBreak) this.#lines++;
    this.#preview.close();
    this.#tree.passDelimiter(delimiter, place, this.#breakBytes, this.#place(end));
    if (hasBreak) this.#breakBytes = this.#buffer[contentEnd - 1] === CR ? 2 : 1;
    this.#header.start(end);
    return end;
  }

  #passHeaderLine(position: number): number {
    const lineEnd = this.#buffer.indexOf(LF, position);
    if (lineEnd < 0) {
      this.#atLineStart = false;
      return this.#buffer.length;
    }
    this.#lines++;
    this.#enterLine(lineEnd + 1);
    return lineEnd + 1;
  }

  /** Passes body octets up to the next line that may be a delimiter, or to the buffer's end. */
  #passBody(position: number): number {
    const buffer = this.#buffer;
    const found = this.#tree.hasDelimiters ? buffer.indexOf(DELIMITER_START, position) : -1;
    let end = found < 0 ? buffer.length : found + 1;
    // "\n-" at the buffer's end may go on as a delimiter in the next one.
    if (found < 0 && buffer[end - 1] === DASH && buffer[end - 2] === LF && end - 2 >= position) end -= 1;
    if (this.#tree.countsLines) this.#lines += countLineEnds(buffer, position, end);
    this.#preview.add(this.#tree.readableText, buffer, position, end);
    this.#atLineStart = false;
    if (buffer[end - 1] === LF) this.#enterLine(end);
    return end;
  }

  /** `position` follows an LF. */
  #enterLine(position: number): void {
    const before = position >= 2 ? this.#buffer[position - 2] : this.#lastByte;
    this.#breakBytes = before === CR ? 2 : 1;
    this.#atLineStart = true;
  }

  #finishHeader(position: number): void {
    const text = this.#header.take(this.#buffer, position);
    this.#headerEnd ??= this.#base + position;
    this.#tree.finishHeader(text, this.#place(position));
    this.#atLineStart = true;
    this.#header.start(position);
  }

  #place(position: number): Place {
    return { offset: this.#base + position, lines: this.#lines };
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CR;
}

/** The octets of one header, across buffers, at most MAX_HEADER_BYTES of them. */
class HeaderCollector {
  #earlier: string[] = [];
  #earlierLength = 0;
  #start = 0;

  /** A header begins at `position` of the current buffer. */
  start(position: number): void {
    this.#earlier = [];
    this.#earlierLength = 0;
    this.#start = position;
  }

  /** A new buffer begins. */
  enter(): void {
    this.#start = 0;
  }

  /** The buffer was passed up to `position`, and goes. */
  leave(buffer: Buffer, position: number): void {
    const room = MAX_HEADER_BYTES - this.#earlierLength;
    const end = Math.min(position, this.#start + room);
    if (end <= this.#start) return;
    this.#earlier.push(buffer.toString('latin1', this.#start, end));
    this.#earlierLength += end - this.#start;
  }

  /** The header, which ends at `position` of the current buffer. */
  take(buffer: Buffer, position: number): string {
    this.leave(buffer, position);
    return this.#earlier.length === 1 ? (this.#earlier[0] ?? '') : this.#earlier.join('');
  }
}

/** Keeps the first octets of text parts until one of them gives a preview. */
class PreviewCollector {
  text = '';
  #part: Content | undefined;
  #pieces: Buffer[] = [];
  #length = 0;

  add(part: Content | undefined, buffer: Buffer, start: number, end: number): void {
    if (part === undefined || this.text !== '') return;
    this.#part = part;
    const stop = Math.min(end, start + MAX_PREVIEW_SOURCE_BYTES - this.#length);
    if (stop <= start) return;
    this.#pieces.push(Buffer.from(buffer.subarray(start, stop)));
    this.#length += stop - start;
  }

  /** The part is complete, or the message is. */
  close(): void {
    if (this.#part !== undefined) this.text = previewOf(Buffer.concat(this.#pieces), this.#part);
    this.#part = undefined;
    this.#pieces = [];
    this.#length = 0;
  }
}

/** Octets looked at one by one before a native search: it costs as much as about so many. */
const NEAR_BYTES = 16;

/** LF octets in a range. Short lines are met by the inner loop, long ones by `indexOf`. */
function countLineEnds(buffer: Buffer, start: number, end: number): number {
  let count = 0;
  let position = start;
  while (position < end) {
    const near = Math.min(end, position + NEAR_BYTES);
    while (position < near && buffer[position] !== LF) position++;
    if (position === end) break;
    if (position === near) position = buffer.indexOf(LF, position);
    if (position < 0 || position >= end) break;
    count++;
    position++;
  }
  return count;
}
