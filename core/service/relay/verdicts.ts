/**
 * What is known of each recipient while host after host is asked about them. What a server says of a recipient
 * or of the message is final when it is a yes or a no; a host that takes no mail at all decides nothing alone.
 */
import type { DeliveryOutcome } from '../../mail/transfer/outcome.ts';

export class Verdicts {
  readonly #recipients: readonly string[];
  readonly #final: (DeliveryOutcome | undefined)[] = [];
  /** The first deferral, or else a refusal by a host. */
  readonly #held: (DeliveryOutcome | undefined)[] = [];

  constructor(recipients: readonly string[]) {
    this.#recipients = recipients;
  }

  /** Recipients that another host may still take. */
  get open(): readonly string[] {
    return this.#recipients.filter((_, i) => this.#final[i] === undefined);
  }

  /** A host takes no mail: so it is for all that are open, unless another one says better. */
  hold(outcome: DeliveryOutcome): void {
    this.#recipients.forEach((_, i) => void this.#keep(i, outcome));
  }

  /** What a server said of those that were open, in their order. */
  take(outcomes: readonly DeliveryOutcome[]): void {
    const open = [...this.#recipients.keys()].filter((i) => this.#final[i] === undefined);
    outcomes.forEach((outcome, at) => {
      const i = open[at];
      if (i === undefined) return;
      if (outcome.kind === 'deferred') this.#keep(i, outcome);
      else this.#final[i] = outcome;
    });
  }

  /** Not every host could be asked: nobody is refused for good by hosts that take no mail. */
  keepOpen(): void {
    this.#held.forEach((outcome, i) => {
      if (outcome?.kind !== 'failed') return;
      this.#held[i] = { ...outcome, kind: 'deferred', status: `4${outcome.status.slice(1)}` };
    });
  }

  /** One outcome for each recipient; `otherwise` for those of whom nothing was heard. */
  all(otherwise: DeliveryOutcome): readonly DeliveryOutcome[] {
    return this.#recipients.map((_, i) => this.#final[i] ?? this.#held[i] ?? otherwise);
  }

  #keep(i: number, outcome: DeliveryOutcome): void {
    if (this.#held[i] === undefined || this.#held[i]?.kind === 'failed') this.#held[i] = outcome;
  }
}
