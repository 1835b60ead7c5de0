/**
 * Addresses that lately left us waiting until the time was up. Without this memory a dead destination with many
 * messages would take every relay for minutes at a time, and all other mail would stand behind it. Kept per process:
 * each learns by itself. Knows nothing of SMTP.
 */
import type { RetryPolicy } from '../../mail/transfer/schedule.ts';

/** Who has been waited for so long without a word gets no further session until it speaks. */
const patienceMs = 3000;
/** How long a silent one is left alone; then one session tries it. */
const longestPauseMs = 120_000;
const maxRemembered = 5000;

export class SilentHosts {
  readonly #now: () => number;
  readonly #pauseMs: number;
  readonly #silentUntilMs = new Map<string, number>();
  /** Times since when sessions wait for its first word, oldest first. */
  readonly #waiting = new Map<string, Set<{ readonly sinceMs: number }>>();

  /** Shorter than the first pause of the schedule, so that no retry meets the memory of its own first attempt. */
  constructor(now: () => number, { delaysMs }: Pick<RetryPolicy, 'delaysMs'>) {
    this.#now = now;
    this.#pauseMs = Math.min(longestPauseMs, (delaysMs[0] ?? longestPauseMs) / 2);
  }

  /** A session with the address, which must say how it went; undefined when it must be left alone now. */
  begin(address: string): SilentSession | undefined {
    const nowMs = this.#now();
    const untilMs = this.#silentUntilMs.get(address);
    if (untilMs !== undefined && nowMs < untilMs) return undefined;
    const [longest] = this.#waiting.get(address) ?? [];
    if (longest !== undefined && nowMs - longest.sinceMs >= patienceMs) return undefined;
    // One tries whether it speaks again; the others go on leaving it alone.
    if (untilMs !== undefined) this.#silentUntilMs.set(address, nowMs + this.#pauseMs);
    const mark = { sinceMs: nowMs };
    this.#waiting.set(address, (this.#waiting.get(address) ?? new Set()).add(mark));
    const stopWaiting = () => {
      const marks = this.#waiting.get(address);
      marks?.delete(mark);
      if (marks?.size === 0) this.#waiting.delete(address);
    };
    return {
      spoke: () => {
        stopWaiting();
        this.#silentUntilMs.delete(address);
      },
      ended: (timedOut) => {
        stopWaiting();
        if (timedOut) this.#remember(address);
      },
    };
  }

  #remember(address: string): void {
    this.#silentUntilMs.delete(address);
    this.#silentUntilMs.set(address, this.#now() + this.#pauseMs);
    const [oldest] = this.#silentUntilMs.keys();
    if (this.#silentUntilMs.size > maxRemembered && oldest !== undefined) this.#silentUntilMs.delete(oldest);
  }
}

export interface SilentSession {
  /** It said its first word. */
  spoke(): void;
  /** Must be called in the end. */
  ended(timedOut: boolean): void;
}
