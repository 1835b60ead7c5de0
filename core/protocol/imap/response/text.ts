/** Strings on the wire (RFC 3501 9), and dates. Chars are octets. */
import { months } from '../parse/date.ts';

/** astring: an atom where it is one, else quoted. The text must be printable ASCII. */
export function astring(text: string): string {
  return /^[^\x00-\x20\x7f-\xff(){%*"\\]+$/.test(text) && text.toUpperCase() !== 'NIL' ? text : quoted(text);
}

/** quoted; what cannot stand in it becomes '?'. */
export function quoted(text: string): string {
  return `"${text.replace(/[\x00\r\n\x80-\uffff]/g, '?').replace(/["\\]/g, '\\$&')}"`;
}

const two = (value: number) => (value < 10 ? `0${value}` : `${value}`);

/** `17-Jul-1996 02:44:25 +0000`, without quotes, in UTC (RFC 3501 2.3.3). */
export function formatDateTime(timeMs: number): string {
  const time = new Date(timeMs);
  const year = String(time.getUTCFullYear()).padStart(4, '0');
  const clock = `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())}`;
  return `${two(time.getUTCDate())}-${months[time.getUTCMonth()]}-${year} ${clock} +0000`;
}
