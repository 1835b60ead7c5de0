/**
 * How long after its 250 each message was told to each session that idles on its account.
 * What is told before the client has read the 250 counts as 0.
 */
import type { ImapClient } from '../client/imap-client.ts';
import type { Latencies } from './latencies.ts';

export class News {
  /** When the n-th message of each account was accepted. */
  readonly #acceptedAtMs = new Map<string, (number | undefined)[]>();
  readonly #listeners: { readonly account: string; told: number }[] = [];
  readonly #latencies: Latencies;

  constructor(latencies: Latencies) {
    this.#latencies = latencies;
  }

  /** `exists`: messages at SELECT. */
  listen(client: ImapClient, account: string, exists: number): void {
    const listener = { account, told: exists };
    this.#listeners.push(listener);
    client.onExists = (count) => {
      const now = performance.now();
      for (let number = listener.told + 1; number <= count; number++)
        this.#latencies.add(Math.max(0, now - (this.#times(account)[number] ?? now)));
      listener.told = Math.max(listener.told, count);
    };
  }

  accepted(account: string): void {
    const times = this.#times(account);
    times.push(performance.now());
  }

  /** Sessions that have not heard of all that was accepted. */
  get behind(): number {
    return this.#listeners.filter(({ account, told }) => told < this.#times(account).length - 1).length;
  }

  /** Index 0 stands for no message. */
  #times(account: string): (number | undefined)[] {
    const times = this.#acceptedAtMs.get(account) ?? [undefined];
    this.#acceptedAtMs.set(account, times);
    return times;
  }
}
