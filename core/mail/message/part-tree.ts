// The part tree while a message goes by: which parts are open, which delimiters end them,
// and what the finished tree looks like. Knows positions and headers, never the bytes.
// RFC 2046 5.1 (multipart), 5.2.1 (message/rfc822), RFC 9051 6.4.5.1 (part numbers).
import {
  boundaryOf,
  type Content,
  headerValues,
  isIdentityEncoding,
  NO_CONTENT,
  opaque,
  readContent,
} from './content.ts';
import { AddressFields, envelopeText, type HeaderSummary, summarizeHeader } from './envelope.ts';
import {
  MAX_DELIMITER_LINE_BYTES,
  MAX_DEPTH,
  MAX_ENVELOPE_CHARS,
  MAX_PARTS,
  MAX_STRUCTURE_TEXT_CHARS,
} from './limits.ts';
import type { IndexedPart } from './types.ts';

/** A delimiter line that is being looked for. */
export interface Delimiter {
  /** Where its multipart stands among the open parts. */
  readonly depth: number;
  readonly closing: boolean;
}

/** A place in the message: the octet, and the LF octets counted before it. */
export interface Place {
  readonly offset: number;
  readonly lines: number;
}

interface OpenPart {
  content: Content;
  kind: 'leaf' | 'multipart' | 'message';
  /** Looked for as long as it is set. */
  boundary: string | undefined;
  /** Whether it is the top part of a message, embedded or not. */
  readonly isTop: boolean;
  envelope: string | undefined;
  readonly headerStart: number;
  bodyStart: number;
  bodyEnd: number;
  /** Counted up to `bodyStart` while open, the lines of the body afterwards. */
  lines: number;
  readonly children: OpenPart[];
}

const NO_DELIMITERS: ReadonlyMap<string, Delimiter> = new Map();

export class PartTree {
  /** From the message itself to the innermost part that is open. */
  readonly #open: OpenPart[] = [];
  readonly #root: OpenPart;
  #delimiters: ReadonlyMap<string, Delimiter> = NO_DELIMITERS;
  #delimiterLengths: Uint8Array = new Uint8Array(0);
  #inHeader = true;
  #parts = 1;
  #embeddings = 0;
  #textBudget = MAX_STRUCTURE_TEXT_CHARS;
  #summary: HeaderSummary = summarizeHeader(new Map());

  constructor() {
    this.#root = openPart(0, true);
    this.#open.push(this.#root);
  }

  get inHeader(): boolean {
    return this.#inHeader;
  }

  /** Whether any delimiter can come. */
  get hasDelimiters(): boolean {
    return this.#delimiters.size > 0;
  }

  /** Whether the body at hand needs its lines counted. */
  get countsLines(): boolean {
    return this.#embeddings > 0 || this.#current?.content.type === 'text';
  }

  /** The leaf whose body goes by, if it is a text that a preview can be made of. */
  get readableText(): Content | undefined {
    const part = this.#current;
    if (part?.kind !== 'leaf' || this.#inHeader || this.#embeddings > 0) return undefined;
    const { type, subtype, disposition } = part.content;
    if (type !== 'text' || disposition === 'attachment') return undefined;
    return subtype === 'plain' || subtype === 'html' ? part.content : undefined;
  }

  /** What the message's own header says. */
  get summary(): HeaderSummary {
    return this.#summary;
  }

  /** A cheap first look: most lines that begin with "--" are no delimiters. */
  isDelimiterLength(length: number): boolean {
    return this.#delimiterLengths[length] === 1;
  }

  /** A line without its trailing blanks: is it a delimiter? */
  delimiter(line: string): Delimiter | undefined {
    return this.#delimiters.get(line);
  }

  /** The header of the innermost part is complete. Its body, or an embedded header, follows. */
  finishHeader(header: string, place: Place): void {
    const part = this.#current;
    if (part === undefined) return;
    const values = headerValues(header);
    part.bodyStart = place.offset;
    part.lines = place.lines;
    part.content = this.#affordable(readContent(values, this.#isInDigest()));
    if (part === this.#root) {
      const addresses = new AddressFields(values);
      this.#summary = summarizeHeader(values, addresses);
      part.envelope = envelopeText(values, addresses, MAX_ENVELOPE_CHARS);
    } else if (part.isTop) {
      part.envelope = envelopeText(values, new AddressFields(values), this.#textBudget);
      this.#textBudget -= Math.min(this.#textBudget, part.envelope.length);
    }
    this.#inHeader = false;
    this.#openContainer(part, place);
  }

  /**
   * A delimiter line from `place` to `next`; the `breakBytes` before it are its own. Ends
   * what is inside its multipart, then opens the next part unless it is the closing one.
   */
  passDelimiter(delimiter: Delimiter, place: Place, breakBytes: number, next: Place): void {
    const multipart = this.#open[delimiter.depth];
    if (multipart === undefined) return;
    const hadContainers = this.#closeAbove(delimiter.depth, place, breakBytes);
    if (delimiter.closing) multipart.boundary = undefined;
    if (delimiter.closing || hadContainers) this.#listDelimiters();
    if (!delimiter.closing) this.#startPart(multipart, next);
  }

  /** The message ends here. Gives the finished tree. */
  finish(place: Place): IndexedPart {
    this.#closeAbove(-1, place, 0);
    return finishTop(this.#root, '');
  }

  get #current(): OpenPart | undefined {
    return this.#open.at(-1);
  }

  #isInDigest(): boolean {
    const parent = this.#open.at(-2);
    return parent?.kind === 'multipart' && parent.content.subtype === 'digest';
  }

  #openContainer(part: OpenPart, place: Place): void {
    const { type, subtype, encoding } = part.content;
    const isMessage = type === 'message' && (subtype === 'rfc822' || subtype === 'global');
    if (type !== 'multipart' && !isMessage) return;
    const room = this.#open.length < MAX_DEPTH && this.#parts < MAX_PARTS - 1;
    if (!room || (isMessage && !isIdentityEncoding(encoding))) {
      part.content = opaque(part.content);
      return;
    }
    part.kind = isMessage ? 'message' : 'multipart';
    if (!isMessage) {
      part.boundary = boundaryOf(part.content);
      this.#listDelimiters();
      return;
    }
    this.#embeddings++;
    this.#push(part, openPart(place.offset, true));
    this.#inHeader = true;
  }

  #startPart(multipart: OpenPart, next: Place): void {
    const part = openPart(next.offset, false);
    this.#push(multipart, part);
    this.#inHeader = true;
    if (this.#parts < MAX_PARTS) return;
    // The last part there is room for: a leaf that holds the rest of the message.
    part.content = opaque(NO_CONTENT);
    part.bodyStart = next.offset;
    part.lines = next.lines;
    this.#inHeader = false;
    this.#delimiters = NO_DELIMITERS;
  }

  #push(parent: OpenPart, part: OpenPart): void {
    parent.children.push(part);
    this.#open.push(part);
    this.#parts++;
  }

  /** Closes all that is deeper than `depth`. Says whether a multipart was among it. */
  #closeAbove(depth: number, place: Place, breakBytes: number): boolean {
    let hadMultipart = false;
    while (this.#open.length > depth + 1) {
      const part = this.#open.pop();
      if (part === undefined) break;
      hadMultipart ||= part.kind === 'multipart';
      if (part.kind === 'message') this.#embeddings--;
      // A child with no body can end after the line break that would be the delimiter's.
      const childEnd = part.children.at(-1)?.bodyEnd ?? 0;
      part.bodyEnd = Math.max(part.bodyStart, place.offset - breakBytes, childEnd);
      const lines = place.lines - part.lines - (part.bodyEnd < place.offset ? 1 : 0);
      part.lines = part.kind === 'message' || part.content.type === 'text' ? lines : 0;
      if (part.kind === 'multipart' && part.children.length === 0)
        part.children.push(emptyPart(part.bodyEnd));
    }
    return hadMultipart;
  }

  /** Inner ones come last, so they win over outer ones with the same text. */
  #listDelimiters(): void {
    const delimiters = new Map<string, Delimiter>();
    this.#open.forEach((part, depth) => {
      if (part.boundary === undefined) return;
      delimiters.set(`--${part.boundary}`, { depth, closing: false });
      delimiters.set(`--${part.boundary}--`, { depth, closing: true });
    });
    this.#delimiters = delimiters;
    this.#delimiterLengths = new Uint8Array(MAX_DELIMITER_LINE_BYTES + 1);
    for (const line of delimiters.keys()) this.#delimiterLengths[line.length] = 1;
  }

  /** Takes the text of a part out of the budget, or leaves out what is not needed to read it. */
  #affordable(content: Content): Content {
    const cost = textCost(content);
    if (cost <= this.#textBudget) {
      this.#textBudget -= cost;
      return content;
    }
    const parameters = content.parameters.filter(({ name, value }) =>
      name === 'charset' ? value.length <= 40 : name === 'boundary',
    );
    return { ...NO_CONTENT, ...mediaOf(content), parameters };
  }
}

function openPart(headerStart: number, isTop: boolean): OpenPart {
  return {
    content: NO_CONTENT,
    kind: 'leaf',
    boundary: undefined,
    isTop,
    envelope: undefined,
    headerStart,
    bodyStart: headerStart,
    bodyEnd: headerStart,
    lines: 0,
    children: [],
  };
}

/** IMAP has no multipart without parts (RFC 9051 9, body-type-mpart), so there is an empty one. */
function emptyPart(offset: number): OpenPart {
  return openPart(offset, false);
}

function mediaOf({ type, subtype, encoding, charset, disposition }: Content): Partial<Content> {
  return { type, subtype, encoding, charset: charset?.slice(0, 40), disposition };
}

function textCost(content: Content): number {
  let cost = chars(content.filename) + chars(content.id) + chars(content.description);
  cost += chars(content.md5) + chars(content.location);
  for (const language of content.languages) cost += language.length + 3;
  for (const { name, value } of content.parameters) cost += chars(name) + chars(value);
  for (const { name, value } of content.dispositionParameters) cost += chars(name) + chars(value);
  return cost;
}

/** Characters on the wire, quotes included; for what needs encoding, an upper bound. */
function chars(text: string | undefined): number {
  if (text === undefined) return 0;
  return (/[^ !#-[\]-~]/.test(text) ? text.length * 4 : text.length) + 3;
}

/** The top part of a message whose own part number is `prefix`. */
function finishTop(part: OpenPart, prefix: string): IndexedPart {
  const start = prefix === '' ? '' : `${prefix}.`;
  if (part.kind !== 'multipart') return finishPart(part, `${start}1`);
  return { ...finishLeaf(part, `${start}TEXT`), children: finishChildren(part, start) };
}

function finishPart(part: OpenPart, path: string): IndexedPart {
  const leaf = finishLeaf(part, path);
  if (part.kind === 'message')
    return { ...leaf, children: part.children.map((child) => finishTop(child, path)) };
  return part.kind === 'multipart' ? { ...leaf, children: finishChildren(part, `${path}.`) } : leaf;
}

function finishChildren(part: OpenPart, start: string): IndexedPart[] {
  return part.children.map((child, index) => finishPart(child, `${start}${index + 1}`));
}

function finishLeaf(part: OpenPart, path: string): IndexedPart {
  const { content, envelope, headerStart, bodyStart, bodyEnd, lines } = part;
  const sizeBytes = bodyEnd - bodyStart;
  return { path, ...content, envelope, headerStart, bodyStart, bodyEnd, sizeBytes, lines, children: [] };
}
