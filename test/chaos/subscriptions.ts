/** What was promised of subscribed names (RFC 9051 6.3.7): a name, whether there is such a mailbox or not. */

export class SubscriptionLedger {
  readonly #fail: (what: string) => void;
  /** account -> name -> what may be. */
  readonly #names = new Map<string, Map<string, readonly boolean[]>>();

  constructor(fail: (what: string) => void) {
    this.#fail = fail;
  }

  /** Whether nobody knows, until a check has decided. */
  isInDoubt(account: string, name: string): boolean {
    return (this.#names.get(account)?.get(name)?.length ?? 1) > 1;
  }

  settle(account: string, name: string, on: boolean, outcome: 'done' | 'unknown' | 'not-done'): void {
    const names = this.#names.get(account) ?? new Map<string, readonly boolean[]>();
    this.#names.set(account, names);
    if (outcome === 'done') names.set(name, [on]);
    if (outcome === 'unknown') names.set(name, [...new Set([...(names.get(name) ?? [false]), on])]);
  }

  /** `subscribed`: what LSUB shows. Names that nobody ever touched are not looked at. */
  check(account: string, subscribed: readonly string[]): void {
    const names = this.#names.get(account);
    for (const [name, states] of names ?? []) {
      const is = subscribed.includes(name);
      if (!states.includes(is))
        this.#fail(`${account}: ${name} is ${is ? '' : 'not '}subscribed, and was ${is ? 'not ' : ''}to be`);
      names?.set(name, [is]);
    }
  }
}
