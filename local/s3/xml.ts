/**
 * The little XML S3 needs: writing with escapes, and a strict scanner for the two request
 * bodies (DeleteObjects, CompleteMultipartUpload). No DTD, no entities but the five.
 */

export const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
export const S3_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const MAX_DEPTH = 8;

/** `<name>value</name>`, the value escaped; control characters become references, as S3 sends them. */
export function element(name: string, value: string | number | boolean): string {
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

export function escapeXml(text: string): string {
  return text.replace(/[<>&"'\u0000-\u001f\u007f]/g, (char) => ESCAPES[char] ?? `&#${char.charCodeAt(0)};`);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};

/** The document's root element, or undefined when it is not the plain XML we accept. */
export function parseXml(source: string): XmlElement | undefined {
  const scanner = { source: source.replace(/^\uFEFF?\s*<\?xml[^>]*\?>/, ''), at: 0 };
  skipSpace(scanner);
  const root = parseElement(scanner, 0);
  skipSpace(scanner);
  return root && scanner.at === scanner.source.length ? root : undefined;
}

interface Scanner {
  readonly source: string;
  at: number;
}

const OPEN_TAG = /<([A-Za-z][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;

function parseElement(scanner: Scanner, depth: number): XmlElement | undefined {
  OPEN_TAG.lastIndex = scanner.at;
  const open = depth > MAX_DEPTH ? null : OPEN_TAG.exec(scanner.source);
  const name = open?.[1];
  if (!open || name === undefined) return undefined;
  scanner.at += open[0].length;
  if (open[3] === '/') return { name, children: [], text: '' };
  const closing = `</${name}>`;
  const children: XmlElement[] = [];
  let text = '';
  for (;;) {
    const next = scanner.source.indexOf('<', scanner.at);
    if (next < 0) return undefined;
    text += scanner.source.slice(scanner.at, next);
    scanner.at = next;
    if (scanner.source.startsWith(closing, next)) {
      scanner.at += closing.length;
      const decoded = unescapeXml(text);
      return decoded === undefined ? undefined : { name, children, text: decoded };
    }
    const child = parseElement(scanner, depth + 1);
    if (!child) return undefined;
    children.push(child);
  }
}

function unescapeXml(text: string): string | undefined {
  let bad = false;
  const plain = text.replace(/&([^;&]{0,10});?/g, (_, name: string) => {
    const char = unescapeOne(name);
    if (char === undefined) bad = true;
    return char ?? '';
  });
  return bad ? undefined : plain;
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescapeOne(name: string): string | undefined {
  const known = NAMED[name];
  if (known !== undefined) return known;
  const code = /^#x[0-9a-f]+$/i.test(name)
    ? Number.parseInt(name.slice(2), 16)
    : /^#[0-9]+$/.test(name)
      ? Number(name.slice(1))
      : Number.NaN;
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function skipSpace(scanner: Scanner): void {
  while (/\s/.test(scanner.source[scanner.at] ?? '')) scanner.at += 1;
}
