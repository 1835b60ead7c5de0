/** The dates of RFC 3501 9: `1-Feb-1994` in SEARCH, `" 1-Feb-1994 21:52:25 -0800"` in APPEND and INTERNALDATE. */
import { type Scanner, SyntaxFault } from './scanner.ts';

export const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const datePattern = /"?([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4})"?/y;
const dateTimePattern =
  /"([ 0-9][0-9])-([A-Za-z]{3})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})"/y;

const DAY_MS = 86_400_000;

/** Days since 1970 of `date` or `"date"`. */
export function scanDate(scanner: Scanner): number {
  const [, day, month, year] = scanner.match(datePattern) ?? [];
  return dayNumber(Number(day), month ?? '', Number(year));
}

/** Milliseconds since 1970 of a quoted date-time. */
export function scanDateTime(scanner: Scanner): number {
  const matched = scanner.match(dateTimePattern);
  if (!matched) throw new SyntaxFault('a date and time expected, as " 1-Feb-1994 21:52:25 -0800"');
  const [, day, month = '', year, hour, minute, second, sign, zoneHours, zoneMinutes] = matched;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60 || Number(zoneMinutes) > 59) {
    throw new SyntaxFault('no such time');
  }
  const local = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60 * (sign === '-' ? -1 : 1);
  return dayNumber(Number(day), month, Number(year)) * DAY_MS + (local - zone) * 1000;
}

function dayNumber(day: number, monthName: string, year: number): number {
  const month = months.findIndex((name) => name.toLowerCase() === monthName.toLowerCase());
  const time = Date.UTC(year, month, day);
  const valid = month >= 0 && year >= 1 && new Date(time).getUTCDate() === day;
  if (!valid) throw new SyntaxFault('a date expected, as 1-Feb-1994');
  return Math.floor(time / DAY_MS);
}
