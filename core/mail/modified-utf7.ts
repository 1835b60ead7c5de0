/**
 * Modified UTF-7, the form of mailbox names before IMAP4rev2. RFC 3501 5.1.3: printable
 * US-ASCII stands for itself, '&' is '&-', all else is '&' + base64 of UTF-16BE with ','
 * for '/' and without padding + '-'.
 */

/** Any well-formed text to modified UTF-7. */
export function encodeModifiedUtf7(text: string): string {
  return text.replace(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === '&') return '&-';
    const base64 = Buffer.from(run, 'utf16le').swap16().toString('base64');
    return `&${base64.replace(/=+$/, '').replaceAll('/', ',')}-`;
  });
}

/**
 * The text behind modified UTF-7; undefined for what an encoder never writes: 8-bit or control octets,
 * an open shift, printable ASCII inside one, a lone surrogate, bits left over, shifts that touch.
 */
export function decodeModifiedUtf7(octets: string): string | undefined {
  let result = '';
  for (let at = 0; at < octets.length; ) {
    const char = octets.charCodeAt(at);
    if (char < 0x20 || char > 0x7e) return undefined;
    if (char !== 0x26) {
      result += octets[at++];
      continue;
    }
    const end = octets.indexOf('-', at);
    if (end === -1) return undefined;
    const run = end === at + 1 ? '&' : decodeShift(octets.slice(at + 1, end));
    if (run === undefined) return undefined;
    // Of two shifts in a row the encoder would have made one.
    if (run !== '&' && /^&[^-]/.test(octets.slice(end + 1, end + 3))) return undefined;
    result += run;
    at = end + 1;
  }
  return result;
}

function decodeShift(base64: string): string | undefined {
  if (!/^[A-Za-z0-9+,]+$/.test(base64)) return undefined;
  const octets = Buffer.from(base64.replaceAll(',', '/'), 'base64');
  if (octets.length === 0 || octets.length % 2 !== 0) return undefined;
  const text = Buffer.from(octets).swap16().toString('utf16le');
  if (!text.isWellFormed() || /[\x20-\x7e]/.test(text)) return undefined;
  return encodeModifiedUtf7(text) === `&${base64}-` ? text : undefined;
}
