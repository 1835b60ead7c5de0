/**
 * Passwords as argon2id hashes (RFC 9106) in the PHC string format, made and checked in
 * libuv's threads by node:crypto. Knows nothing of accounts.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** Cost of one hash. Verification uses what the stored string says. */
export interface Argon2Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP's second choice: about 15 ms and 19 MiB per login that is not cached. */
export const defaultCost: Argon2Cost = { memoryKib: 19 * 1024, passes: 2, parallelism: 1 };

/** A stored string may not ask for more than this: it could come from an import. */
const maxCost: Argon2Cost = { memoryKib: 256 * 1024, passes: 16, parallelism: 8 };

const tagOctets = 32;
const saltOctets = 16;
const derive = promisify(argon2);

/** Makes `$argon2id$v=19$m=..,t=..,p=..$salt$hash` of the password (taken as NFC, UTF-8). */
export async function hashPassword(
  password: string,
  cost: Argon2Cost = defaultCost,
  salt: Buffer = randomBytes(saltOctets),
): Promise<string> {
  const tag = await tagOf(password, cost, salt, tagOctets);
  const { memoryKib, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

/** Whether the password belongs to the PHC string. Throws on a string that is none: that is damaged data. */
export async function verifyPassword(phc: string, password: string): Promise<boolean> {
  const { cost, salt, tag } = parsePhc(phc);
  return timingSafeEqual(await tagOf(password, cost, salt, tag.length), tag);
}

async function tagOf(password: string, cost: Argon2Cost, salt: Buffer, tagLength: number): Promise<Buffer> {
  const derived = await derive('argon2id', {
    message: Buffer.from(password.normalize('NFC'), 'utf8'),
    nonce: salt,
    memory: cost.memoryKib,
    passes: cost.passes,
    parallelism: cost.parallelism,
    tagLength,
  });
  return Buffer.from(derived);
}

const phcForm =
  /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{16,128})$/;

function parsePhc(phc: string): { cost: Argon2Cost; salt: Buffer; tag: Buffer } {
  const [, memory, passes, parallelism, salt, tag] = phcForm.exec(phc) ?? [];
  if (salt === undefined || tag === undefined) throw new Error('stored password is no argon2id PHC string');
  const cost = { memoryKib: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  if (
    cost.memoryKib > maxCost.memoryKib ||
    cost.passes > maxCost.passes ||
    cost.parallelism > maxCost.parallelism
  ) {
    throw new Error('stored password asks for more work than allowed');
  }
  return { cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
}

function base64(octets: Buffer): string {
  return octets.toString('base64').replace(/=+$/, '');
}
