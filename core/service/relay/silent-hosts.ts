/**
 * Addresses that leave us waiting. Without this memory a dead destination with many messages would take every
 * relay for minutes at a time, and all other mail would stand behind it. Kept per process: each learns by itself.
 * Knows nothing of SMTP.
 */
import type { RetryPolicy } from '../../mail/transfer/schedule.ts';

/** Sessions that wait for the first word of one address at the same time. */
const maxWaiting = 4;
/** How long the others stand behind those; if it has said nothing by then, it is left alone until it speaks. */
const defaultPatienceMs = 3000;
/** How long one that let the time run out is left alone; then one session tries it. */
const longestPauseMs = 120_000;
const maxRemembered = 5000;

export interface SilentSession {
  /** It said its first word. */
  spoke(): void;
  /** Must be called in the end. */
  ended(timedOut: boolean): void;
}

interface Wait {
  readonly sinceMs: number;
}

export class SilentHosts {
  readonly #now: () => number;
  readonly #pauseMs: number;
  readonly #patienceMs: number;
  readonly #silentUntilMs = new Map<string, number>();
  /** Sessions without a first word, oldest first. */
  readonly #waiting = new Map<string, Set<Wait>>();
  readonly #behind = new Map<string, Set<() => void>>();

  /** The pause is shorter than the schedule's first, so that no retry meets the memory of its own first attempt. */
  constructor(
    now: () => number,
    { delaysMs }: Pick<RetryPolicy, 'delaysMs'>,
    patienceMs: number = defaultPatienceMs,
  ) {
    this.#now = now;
    this.#pauseMs = Math.min(longestPauseMs, (delaysMs[0] ?? longestPauseMs) / 2);
    this.#patienceMs = patienceMs;
  }

  /** A session with the address, which must say how it went; undefined when it must be left alone now. */
  async begin(address: string): Promise<SilentSession | undefined> {
    const giveUpMs = this.#now() + this.#patienceMs;
    while (!this.#isLeftAlone(address)) {
      if ((this.#waiting.get(address)?.size ?? 0) < maxWaiting) return this.#session(address);
      const leftMs = giveUpMs - this.#now();
      if (leftMs <= 0) return undefined;
      await this.#news(address, leftMs);
    }
    return undefined;
  }

  #isLeftAlone(address: string): boolean {
    if (this.#now() < (this.#silentUntilMs.get(address) ?? 0)) return true;
    const [longest] = this.#waiting.get(address) ?? [];
    return longest !== undefined && this.#now() - longest.sinceMs >= this.#patienceMs;
  }

  #session(address: string): SilentSession {
    const nowMs = this.#now();
    // One tries whether it speaks again; the others go on leaving it alone.
    if (this.#silentUntilMs.has(address)) this.#silentUntilMs.set(address, nowMs + this.#pauseMs);
    const wait = { sinceMs: nowMs };
    this.#waiting.set(address, (this.#waiting.get(address) ?? new Set()).add(wait));
    return {
      spoke: () => {
        this.#silentUntilMs.delete(address);
        this.#stopWaiting(address, wait);
      },
      ended: (timedOut) => {
        if (timedOut) this.#remember(address);
        this.#stopWaiting(address, wait);
      },
    };
  }

  #stopWaiting(address: string, wait: Wait): void {
    const waits = this.#waiting.get(address);
    waits?.delete(wait);
    if (waits?.size === 0) this.#waiting.delete(address);
    for (const wake of this.#behind.get(address) ?? []) wake();
  }

  #remember(address: string): void {
    this.#silentUntilMs.delete(address);
    this.#silentUntilMs.set(address, this.#now() + this.#pauseMs);
    const [oldest] = this.#silentUntilMs.keys();
    if (this.#silentUntilMs.size > maxRemembered && oldest !== undefined) this.#silentUntilMs.delete(oldest);
  }

  /** Resolves when a session with the address has got on, or after the time. */
  async #news(address: string, timeoutMs: number): Promise<void> {
    const behind = this.#behind.get(address) ?? new Set();
    this.#behind.set(address, behind);
    const { promise, resolve } = Promise.withResolvers<void>();
    behind.add(resolve);
    const timer = setTimeout(resolve, timeoutMs);
    await promise;
    clearTimeout(timer);
    behind.delete(resolve);
    if (behind.size === 0) this.#behind.delete(address);
  }
}
