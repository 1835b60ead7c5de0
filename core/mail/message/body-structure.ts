// BODY and BODYSTRUCTURE wire text from the part tree, pure ASCII.
// RFC 9051 7.5.2 (body, body-ext); shape in RFC 9051 9 (body-type-1part, body-type-mpart).
import { isAscii } from './charset.ts';
import { decodeEncodedWords } from './encoded-words.ts';
import { EMPTY_ENVELOPE } from './envelope.ts';
import { encodeExtended } from './parameters.ts';
import type { IndexedPart, Parameter } from './types.ts';
import { nstring, quoted } from './wire-text.ts';

/** BODYSTRUCTURE if `extended`, else BODY. Depth is bounded by the indexer. */
export function bodyStructureText(part: IndexedPart, extended: boolean): string {
  return part.type === 'multipart' ? multipartText(part, extended) : singleText(part, extended);
}

/** A parameter list, or NIL. Values with 8-bit octets go as RFC 2231 `name*`. */
export function parametersText(parameters: readonly Parameter[]): string {
  const pairs: string[] = [];
  for (const { name, value } of parameters) {
    if (!/^[!-~]+$/.test(name)) continue;
    if (isAscii(value)) pairs.push(`${quoted(name)} ${quoted(value)}`);
    else
      pairs.push(
        `${quoted(`${name.replace(/\*$/, '')}*`)} ${quoted(encodeExtended(decodeEncodedWords(value)))}`,
      );
  }
  return pairs.length === 0 ? 'NIL' : `(${pairs.join(' ')})`;
}

function multipartText(part: IndexedPart, extended: boolean): string {
  const children = part.children.map((child) => bodyStructureText(child, extended)).join('');
  const subtype = quoted(part.subtype);
  if (!extended) return `(${children} ${subtype})`;
  return `(${children} ${subtype} ${parametersText(part.parameters)} ${tailText(part)})`;
}

function singleText(part: IndexedPart, extended: boolean): string {
  const type = `${quoted(part.type)} ${quoted(part.subtype)} ${parametersText(part.parameters)}`;
  const named = `${nstring(part.id)} ${nstring(part.description)} ${quoted(part.encoding)}`;
  const basic = `${type} ${named} ${part.sizeBytes}${specificText(part, extended)}`;
  return extended ? `(${basic} ${nstring(part.md5)} ${tailText(part)})` : `(${basic})`;
}

function specificText(part: IndexedPart, extended: boolean): string {
  const inner = part.children[0];
  if (inner !== undefined) {
    const envelope = inner.envelope ?? EMPTY_ENVELOPE;
    return ` ${envelope} ${bodyStructureText(inner, extended)} ${part.lines}`;
  }
  return part.type === 'text' ? ` ${part.lines}` : '';
}

/** body-fld-dsp, body-fld-lang, body-fld-loc. */
function tailText(part: IndexedPart): string {
  const disposition =
    part.disposition === undefined
      ? 'NIL'
      : `(${quoted(part.disposition)} ${parametersText(part.dispositionParameters)})`;
  const languages = part.languages.length === 0 ? 'NIL' : `(${part.languages.map(quoted).join(' ')})`;
  return `${disposition} ${languages} ${nstring(part.location)}`;
}
