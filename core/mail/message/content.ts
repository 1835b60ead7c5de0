// What the Content-* fields of one header say about its part, with the defaults for what is
// missing or unreadable. Knows no offsets. RFC 2045 5.2, 6; RFC 2046 5.1.5; RFC 2183.
import type { HeaderValues } from './envelope.ts';
import { parseHeaderText, unfold } from './header-fields.ts';
import { MAX_FILENAME_CHARS, MAX_VALUE_BYTES } from './limits.ts';
import { decodeParameter, parseParameterised, stripComments } from './parameters.ts';
import type { Parameter } from './types.ts';

export interface Content {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: readonly Parameter[];
  readonly encoding: string;
  readonly charset: string | undefined;
  readonly disposition: string | undefined;
  readonly dispositionParameters: readonly Parameter[];
  readonly filename: string | undefined;
  readonly id: string | undefined;
  readonly description: string | undefined;
  readonly md5: string | undefined;
  readonly languages: readonly string[];
  readonly location: string | undefined;
}

const ASCII_CHARSET: readonly Parameter[] = [{ name: 'charset', value: 'us-ascii' }];
const TOKEN = "[!#$%&'*+.^_`{|}~0-9a-z-]{1,100}";
const MEDIA_TYPE = new RegExp(`^(${TOKEN})/(${TOKEN})$`);
const WHOLE_TOKEN = new RegExp(`^${TOKEN}$`);

/** The first raw value of each field of a header, by lower-case name. */
export function headerValues(header: string): HeaderValues {
  const values = new Map<string, string>();
  for (const field of parseHeaderText(header)) {
    const name = field.name.toLowerCase();
    if (!values.has(name)) values.set(name, field.rawValue);
  }
  return values;
}

/** Reads the Content-* fields; `inDigest` changes the default type (RFC 2046 5.1.5). */
export function readContent(values: HeaderValues, inDigest: boolean): Content {
  const media = readMediaType(values.get('content-type'), inDigest);
  const disposition = parseOptional(values.get('content-disposition'));
  const known = disposition !== undefined && WHOLE_TOKEN.test(disposition.head);
  const dispositionParameters = disposition?.parameters ?? [];
  const filename =
    decodeParameter(dispositionParameters, 'filename') ?? decodeParameter(media.parameters, 'name');
  return {
    ...media,
    encoding: readEncoding(values.get('content-transfer-encoding')),
    charset: decodeParameter(media.parameters, 'charset')?.trim().toLowerCase() || undefined,
    disposition: known ? disposition.head : undefined,
    dispositionParameters: known ? dispositionParameters : [],
    filename: filename === undefined ? undefined : cleanFilename(filename),
    id: text(values.get('content-id')),
    description: text(values.get('content-description')),
    md5: text(values.get('content-md5')),
    languages: readLanguages(values.get('content-language')),
    location: text(values.get('content-location')),
  };
}

/** The same part as octets of no known kind: what containers become when they are not opened. */
export function opaque(content: Content): Content {
  const parameters = content.parameters.filter(({ name }) => name === 'name' || name === 'name*');
  return { ...content, type: 'application', subtype: 'octet-stream', parameters, charset: undefined };
}

/** The content of what has no header of its own. */
export const NO_CONTENT: Content = readContent(new Map(), false);

/** Whether the body lies as it is, so that a container in it can be opened. RFC 2045 6.4. */
export function isIdentityEncoding(encoding: string): boolean {
  return encoding !== 'base64' && encoding !== 'quoted-printable';
}

/** The boundary of a multipart, or undefined if there is none to look for. RFC 2046 5.1.1. */
export function boundaryOf(content: Content): string | undefined {
  const value = content.parameters
    .find((parameter) => parameter.name === 'boundary')
    ?.value.replace(/[ \t\r]+$/, '');
  return value === '' ? undefined : value;
}

function readMediaType(
  rawValue: string | undefined,
  inDigest: boolean,
): Pick<Content, 'type' | 'subtype' | 'parameters'> {
  if (rawValue === undefined && inDigest) return { type: 'message', subtype: 'rfc822', parameters: [] };
  const value = parseOptional(rawValue);
  const match = value === undefined ? null : MEDIA_TYPE.exec(value.head);
  const [, type = 'text', subtype = 'plain'] = match ?? [];
  const parameters = match === null || value === undefined ? [] : value.parameters;
  const content = { type, subtype, parameters };
  if (
    type === 'multipart' &&
    !parameters.some((parameter) => parameter.name === 'boundary' && parameter.value !== '')
  )
    return { type: 'text', subtype: 'plain', parameters: ASCII_CHARSET };
  const hasCharset = parameters.some(({ name }) => name === 'charset' || name === 'charset*');
  // RFC 2045 5.2: text is us-ascii unless it says otherwise. IMAP clients expect to be told.
  return type === 'text' && !hasCharset
    ? { ...content, parameters: [...parameters, ...ASCII_CHARSET] }
    : content;
}

function parseOptional(rawValue: string | undefined) {
  return rawValue === undefined ? undefined : parseParameterised(rawValue);
}

function readEncoding(rawValue: string | undefined): string {
  if (rawValue === undefined) return '7bit';
  const bare = rawValue.includes('(') ? stripComments(rawValue.slice(0, MAX_VALUE_BYTES)) : rawValue;
  const encoding = bare
    .replace(/;[\s\S]*$/, '')
    .trim()
    .toLowerCase();
  return WHOLE_TOKEN.test(encoding) ? encoding : '7bit';
}

function readLanguages(rawValue: string | undefined): readonly string[] {
  if (rawValue === undefined) return [];
  const tags = stripComments(rawValue.slice(0, MAX_VALUE_BYTES)).split(',');
  return tags.map((tag) => tag.trim()).filter((tag) => /^[A-Za-z0-9-]{1,64}$/.test(tag));
}

function text(rawValue: string | undefined): string | undefined {
  return rawValue === undefined ? undefined : unfold(rawValue.slice(0, MAX_VALUE_BYTES)) || undefined;
}

/** RFC 2183 2.3: a sender's path is no business of ours, nor are control characters. */
function cleanFilename(name: string): string | undefined {
  const base = name
    .replace(/[\x00-\x1f\x7f]+/g, ' ')
    .replace(/^[\s\S]*[/\\]/, '')
    .trim();
  const cut = base.length > MAX_FILENAME_CHARS ? [...base].slice(0, MAX_FILENAME_CHARS / 2).join('') : base;
  return cut === '' ? undefined : cut;
}
