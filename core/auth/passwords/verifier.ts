/**
 * Checks passwords at login: few argon2 computations at a time, a short queue behind them,
 * the same work for users that do not exist, and a small memory of pairs that were right.
 * That memory is bound to the stored hash, so a changed password forgets the old one.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { defaultCost, hashPassword, verifyPassword } from './argon2id.ts';
import { Slots } from './slots.ts';

export interface VerifierLimits {
  /** Argon2 computations at a time; each holds 19 MiB and one of libuv's four threads. */
  readonly concurrent: number;
  /** Logins that may wait for a turn; more is a failure (PasswordChecksBusy). */
  readonly waiting: number;
  /** Pairs remembered. */
  readonly remembered: number;
  /** How long a right pair is remembered. */
  readonly rememberMs: number;
}

export const verifierLimits: VerifierLimits = {
  concurrent: 2,
  waiting: 500,
  remembered: 10_000,
  rememberMs: 5 * 60_000,
};

export class PasswordVerifier {
  readonly #now: () => number;
  readonly #limits: VerifierLimits;
  readonly #slots: Slots;
  /** Of this process alone: a dump of the memory below is worth nothing without it. */
  readonly #key = randomBytes(32);
  /** Keyed hash of stored hash and password -> until when; oldest first. */
  readonly #right = new Map<string, number>();
  #decoy: Promise<string> | undefined;

  constructor(now: () => number, limits: VerifierLimits = verifierLimits) {
    this.#now = now;
    this.#limits = limits;
    this.#slots = new Slots(limits.concurrent, limits.waiting);
  }

  /** Whether the password is right. Without a stored hash the answer is no, after the same work. */
  async verify(storedHash: string | undefined, password: string): Promise<boolean> {
    if (storedHash === undefined) {
      await this.#slots.run(async () => verifyPassword(await this.#decoyHash(), password));
      return false;
    }
    const pair = createHmac('sha256', this.#key).update(`${storedHash}\0${password}`).digest('base64');
    if (this.#remembers(pair)) return true;
    const right = await this.#slots.run(() => verifyPassword(storedHash, password));
    if (right) this.#remember(pair);
    return right;
  }

  #decoyHash(): Promise<string> {
    this.#decoy ??= hashPassword(randomBytes(16).toString('hex'), defaultCost);
    return this.#decoy;
  }

  #remembers(pair: string): boolean {
    const until = this.#right.get(pair);
    if (until === undefined) return false;
    if (until > this.#now()) return true;
    this.#right.delete(pair);
    return false;
  }

  #remember(pair: string): void {
    this.#right.delete(pair);
    this.#right.set(pair, this.#now() + this.#limits.rememberMs);
    if (this.#right.size <= this.#limits.remembered) return;
    const oldest = this.#right.keys().next().value;
    if (oldest !== undefined) this.#right.delete(oldest);
  }
}
