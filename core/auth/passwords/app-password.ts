/**
 * App passwords: made by us, for one program each, `abcd-efgh-ijkl-mnop`. They carry 80
 * random bits, which no one can try through, so a salted SHA-256 is enough and a login with
 * one costs no argon2 work. Knows nothing of accounts.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** RFC 4648 base32, lower case: 16 letters are 80 bits. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const length = 16;

/** A new app password with its stored form; the text is shown once and kept nowhere. */
export function newAppPassword(random: (octets: number) => Buffer = randomBytes): {
  readonly text: string;
  readonly hash: string;
} {
  const letters = [...random(length)].map((octet) => alphabet[octet & 31]).join('');
  const text = letters.replace(/(.{4})(?=.)/g, '$1-');
  return { text, hash: hashLetters(letters, random(12)) };
}

/** The 16 letters if the text has the form of an app password, however it was grouped or capitalised. */
export function appPasswordLetters(text: string): string | undefined {
  if (text.length > 64) return undefined;
  const letters = text.replace(/[\s-]/g, '').toLowerCase();
  return /^[a-z2-7]{16}$/.test(letters) ? letters : undefined;
}

/** Whether these letters belong to the stored form. */
export function verifyAppPassword(hash: string, letters: string): boolean {
  const [scheme, salt] = hash.split('$');
  if (scheme !== 'sha256' || salt === undefined) throw new Error('stored app password has no known form');
  const expected = Buffer.from(hash);
  const actual = Buffer.from(hashLetters(letters, Buffer.from(salt, 'base64url')));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function hashLetters(letters: string, salt: Buffer): string {
  const digest = createHash('sha256').update(salt).update(letters).digest('base64url');
  return `sha256$${salt.toString('base64url')}$${digest}`;
}
