/**
 * DynamoDB's numbers: exact decimals of up to 38 significant digits, magnitudes from
 * 1E-130 to 9.99E+125. Text in, text out; never a JavaScript number, whose 53 bits would
 * lose counters. Knows nothing about attributes.
 */
import { validation } from './errors.ts';

export const MAX_SIGNIFICANT_DIGITS = 38;
export const MIN_EXPONENT = -130;
export const MAX_EXPONENT = 125;

/** `0.d1d2d3... * 10^(exponent+1)`: digits without zeros at either end, exponent of the first digit. */
export interface Decimal {
  readonly negative: boolean;
  /** Empty for zero. */
  readonly digits: string;
  readonly exponent: number;
}

const ZERO: Decimal = { negative: false, digits: '', exponent: 0 };
const PLAIN_INTEGER = /^(?:0|-?[1-9][0-9]{0,14})$/;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,19}))?$/;
/** The exponent is read as a 64-bit number before the range is checked. */
const MAX_WRITTEN_EXPONENT = 2n ** 63n - 1n;

/** Parses what a client sent; refuses what DynamoDB would. */
export function parseDecimal(text: string): Decimal {
  if (PLAIN_INTEGER.test(text)) return plainInteger(text);
  const match = NUMBER.exec(text.trim());
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  const written = match?.[4] ?? '0';
  if (match === null || (whole === '' && fraction === '') || !isWritable(written)) {
    const shown = text === '' ? '' : `: ${text.slice(0, 100)}`;
    throw validation(`The parameter cannot be converted to a numeric value${shown}`);
  }
  const value = decimal(match[1] === '-', whole + fraction, whole.length - 1 + Number(written));
  // Zero is checked by the exponent it is written with.
  if (value === ZERO) checkRange({ ...ZERO, exponent: Number(written) });
  return checkRange(value);
}

/** Nearly all numbers; always in range. */
function plainInteger(text: string): Decimal {
  const negative = text.startsWith('-');
  const written = negative ? text.slice(1) : text;
  return decimal(negative, written, written.length - 1);
}

function isWritable(exponent: string): boolean {
  const magnitude = BigInt(exponent.replace(/^[+-]/, ''));
  return magnitude <= MAX_WRITTEN_EXPONENT;
}

/** One spelling per number: `1.0` and `1e0` are `1`, `1e3` is `1000`, `-0` is `0`. */
export function normaliseNumber(text: string): string {
  return PLAIN_INTEGER.test(text) ? text : formatDecimal(parseDecimal(text));
}

export function formatDecimal({ negative, digits, exponent }: Decimal): string {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

/** The exact sum of two normalised numbers; refuses a result that does not fit. */
export function addNumbers(left: string, right: string): string {
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  const scale = Math.min(lastExponent(a), lastExponent(b));
  const sum = toBigInt(a, scale) + toBigInt(b, scale);
  const digits = (sum < 0n ? -sum : sum).toString();
  return formatDecimal(checkRange(decimal(sum < 0n, digits, digits.length - 1 + scale)));
}

export function negateNumber(text: string): string {
  if (text === '0') return text;
  return text.startsWith('-') ? text.slice(1) : `-${text}`;
}

/** Negative, zero or positive like a sort callback; both normalised. */
export function compareNumbers(left: string, right: string): number {
  if (left === right) return 0;
  if (left.length < 16 && right.length < 16 && PLAIN_INTEGER.test(left) && PLAIN_INTEGER.test(right)) {
    return Number(left) - Number(right);
  }
  return compareDecimals(parseDecimal(left), parseDecimal(right));
}

/**
 * Bytes a number counts in an item's size: the Developer Guide's "one byte per two significant
 * digits", as AWS does it: the digits before the point and those after it are paired apart.
 */
export function numberSize(text: string): number {
  const { negative, digits, exponent } = parseDecimal(text);
  const whole = Math.min(Math.max(exponent + 1, 0), digits.length);
  const pairs = Math.ceil(whole / 2) + Math.ceil((digits.length - whole) / 2);
  return pairs + (negative ? 2 : 1);
}

function decimal(negative: boolean, digits: string, exponent: number): Decimal {
  let leading = 0;
  while (digits[leading] === '0') leading += 1;
  if (leading === digits.length) return ZERO;
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return { negative, digits: digits.slice(leading, end), exponent: exponent - leading };
}

function checkRange(value: Decimal): Decimal {
  if (value.digits.length > MAX_SIGNIFICANT_DIGITS) {
    throw validation('Attempting to store more than 38 significant digits in a Number');
  }
  if (value.exponent > MAX_EXPONENT) {
    throw validation(
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    );
  }
  if (value.exponent < MIN_EXPONENT) {
    throw validation(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  }
  return value;
}

function lastExponent({ digits, exponent }: Decimal): number {
  return digits === '' ? 0 : exponent - digits.length + 1;
}

function toBigInt(value: Decimal, scale: number): bigint {
  if (value.digits === '') return 0n;
  const magnitude = BigInt(value.digits) * 10n ** BigInt(lastExponent(value) - scale);
  return value.negative ? -magnitude : magnitude;
}

function compareDecimals(a: Decimal, b: Decimal): number {
  const signs = sign(a) - sign(b);
  if (signs !== 0) return signs;
  return a.negative ? compareMagnitudes(b, a) : compareMagnitudes(a, b);
}

function sign({ negative, digits }: Decimal): number {
  if (digits === '') return 0;
  return negative ? -1 : 1;
}

function compareMagnitudes(a: Decimal, b: Decimal): number {
  if (a.exponent !== b.exponent) return a.exponent - b.exponent;
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -1 : 1;
}
