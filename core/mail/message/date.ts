// The Date field as a point in time, liberally: obsolete zones, two-digit years, missing
// seconds, asctime order. RFC 5322 3.3, 4.3.

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** RFC 5322 4.3; any other name counts as +0000. Minutes east of Greenwich. */
const ZONES: Readonly<Record<string, number>> = {
  edt: -240,
  est: -300,
  cdt: -300,
  cst: -360,
  mdt: -360,
  mst: -420,
  pdt: -420,
  pst: -480,
};
const MAX_DATE_CHARS = 200;

const RFC_ORDER =
  /(\d{1,2})[\s-]+([a-z]{3})[a-z]*[\s-]+(\d{2,4})\s+(\d{1,2})\s*[:.]\s*(\d{1,2})(?:\s*[:.]\s*(\d{1,2}))?(?:\.\d+)?\s*([+-]\s*\d{1,4}|[a-z]+)?/;
const ASCTIME_ORDER =
  /([a-z]{3})[a-z]*\s+(\d{1,2})\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?\s+(?:([a-z]+|[+-]\d{4})\s+)?(\d{4})/;

/** Milliseconds since 1970 of a Date value, or undefined if it cannot be read. */
export function parseDate(rawValue: string): number | undefined {
  const text = rawValue
    .slice(0, MAX_DATE_CHARS)
    .replace(/\([^()]*\)/g, ' ')
    .replace(/[\r\n\t]+/g, ' ')
    .toLowerCase();
  const match = RFC_ORDER.exec(text);
  if (match !== null) {
    const [, day, month, year, hour, minute, second, zone] = match;
    return timeOf({ day, month, year, hour, minute, second, zone });
  }
  const other = ASCTIME_ORDER.exec(text);
  if (other === null) return undefined;
  const [, month, day, hour, minute, second, zone, year] = other;
  return timeOf({ day, month, year, hour, minute, second, zone });
}

interface DateWords {
  readonly day: string | undefined;
  readonly month: string | undefined;
  readonly year: string | undefined;
  readonly hour: string | undefined;
  readonly minute: string | undefined;
  readonly second: string | undefined;
  readonly zone: string | undefined;
}

function timeOf(words: DateWords): number | undefined {
  const month = MONTHS.indexOf(words.month ?? '');
  const day = Number(words.day);
  const [hour, minute, second] = [Number(words.hour), Number(words.minute), Number(words.second ?? '0')];
  if (month < 0 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return undefined;
  const time = Date.UTC(yearOf(words.year ?? ''), month, day, hour, minute, second);
  // Feb 31 is no date; guessing March 3 would be worse than not knowing.
  if (new Date(time).getUTCMonth() !== month && day > 28 && hour < 24) return undefined;
  return time - zoneMinutes(words.zone) * 60_000;
}

/** RFC 5322 4.3: 00-49 are 20xx, 50-99 and three digits count from 1900. */
function yearOf(digits: string): number {
  const year = Number(digits);
  if (digits.length >= 4) return year;
  return digits.length === 2 && year < 50 ? 2000 + year : 1900 + year;
}

function zoneMinutes(zone: string | undefined): number {
  if (zone === undefined) return 0;
  const sign = zone[0] === '-' ? -1 : 1;
  if (zone[0] !== '+' && zone[0] !== '-') return ZONES[zone] ?? 0;
  const digits = zone.slice(1).trim().padStart(4, '0');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2)));
}
