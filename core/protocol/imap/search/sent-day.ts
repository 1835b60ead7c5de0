/** The day of a Date field as SENTON compares it: as written, time and zone left out (RFC 3501 6.4.4, RFC 5322 3.3). */
import { months } from '../parse/date.ts';

const datePattern = /(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{2,4})/;

/** Days since 1970; undefined if there is no date to be read. */
export function sentDay(date: string): number | undefined {
  const [, day, name = '', digits = ''] = datePattern.exec(date) ?? [];
  const month = months.findIndex((one) => one.toLowerCase() === name.toLowerCase());
  if (month < 0) return undefined;
  const written = Number(digits);
  // RFC 5322 4.3: two digits are 1950 to 2049, three count from 1900.
  const year =
    digits.length === 4 ? written : digits.length === 3 || written >= 50 ? 1900 + written : 2000 + written;
  return Math.floor(Date.UTC(year, month, Number(day)) / 86_400_000);
}
