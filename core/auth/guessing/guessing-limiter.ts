/**
 * Who has guessed too much, over all connections and protocols of a process. An address that
 * is wrong too often is held off; a login that is guessed from many addresses is slowed for
 * all but those that have known its password before, and never shut, so that a stranger cannot
 * lock its owner out. Pure: no clock, no I/O, bounded memory.
 */
import { clientKey, loginKey, pairKey } from './keys.ts';
import { LeakyCounts } from './leaky-counts.ts';
import * as limits from './limits.ts';

export type Admission =
  /** The password may be looked at, after the delay. */
  | { readonly kind: 'admitted'; readonly delayMs: number }
  /** Not even looked at; the next try may come then. */
  | { readonly kind: 'held-off'; readonly retryMs: number };

export class GuessingLimiter {
  readonly #clients = counts(limits.maxClientFailures, limits.clientForgivenessMs);
  readonly #logins = counts(limits.maxLoginFailures + longestQueue, limits.loginForgivenessMs);
  /** What one login has cost one address: all that its right password makes good. */
  readonly #pairs = counts(limits.maxClientFailures, limits.clientForgivenessMs);
  /** Address and login that were right together, and until when that counts; oldest first. */
  readonly #known = new Map<string, number>();

  /** Entries held, of all kinds. */
  get size(): number {
    return this.#clients.size + this.#logins.size + this.#pairs.size + this.#known.size;
  }

  /** Whether this address may try this login now. */
  admit(address: string, login: string, nowMs: number): Admission {
    const { client, name, pair } = keysOf(address, login);
    if (this.#isKnown(pair, nowMs)) return allow(this.#pairs.at(pair, nowMs), 0);
    const over = this.#logins.at(name, nowMs) - limits.maxLoginFailures;
    const delayMs = Math.ceil(Math.max(0, over)) * limits.loginDelayStepMs;
    return allow(this.#clients.at(client, nowMs), Math.min(delayMs, limits.maxLoginDelayMs));
  }

  /** The password was wrong. */
  failed(address: string, login: string, nowMs: number): void {
    const { client, name, pair } = keysOf(address, login);
    this.#pairs.add(pair, 1, nowMs);
    // Where the login is at home its own mistakes count against nobody else
    if (this.#isKnown(pair, nowMs)) return;
    this.#clients.add(client, 1, nowMs);
    this.#logins.add(name, 1, nowMs);
  }

  /**
   * The password was right. Forgives what this login has cost here, and no more: one who has
   * an account of his own could otherwise guess for others between two logins.
   */
  succeeded(address: string, login: string, nowMs: number): void {
    const { client, name, pair } = keysOf(address, login);
    const cost = this.#pairs.at(pair, nowMs);
    if (cost > 0 && !this.#isKnown(pair, nowMs)) {
      this.#clients.add(client, -cost, nowMs);
      this.#logins.add(name, -cost, nowMs);
    }
    this.#pairs.add(pair, -cost, nowMs);
    this.#remember(pair, nowMs);
  }

  #isKnown(pair: string, nowMs: number): boolean {
    return (this.#known.get(pair) ?? 0) > nowMs;
  }

  #remember(pair: string, nowMs: number): void {
    this.#known.delete(pair);
    this.#known.set(pair, nowMs + limits.knownMs);
    if (this.#known.size <= limits.maxRemembered) return;
    const oldest = this.#known.keys().next().value;
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Counts above a login's limit that still lengthen its delay. */
const longestQueue = limits.maxLoginDelayMs / limits.loginDelayStepMs;

function counts(limit: number, leakMs: number): LeakyCounts {
  return new LeakyCounts({ leakMs, most: limit * limits.maxOvershoot, maxKeys: limits.maxRemembered });
}

function keysOf(address: string, login: string) {
  const client = clientKey(address);
  const name = loginKey(login);
  return { client, name, pair: pairKey(client, name) };
}

function allow(failures: number, delayMs: number): Admission {
  const over = failures - (limits.maxClientFailures - 1);
  if (over <= 0) return { kind: 'admitted', delayMs };
  return { kind: 'held-off', retryMs: Math.ceil(over * limits.clientForgivenessMs) };
}
