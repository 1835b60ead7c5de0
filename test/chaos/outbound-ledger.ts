/** What was promised to senders of mail for elsewhere: each recipient has one outcome, delivered or told of. */
import type { Taken } from './sink.ts';

interface Expected {
  readonly token: string;
  readonly hash: string;
  readonly promised: boolean;
}

export interface OutboundCheck {
  readonly recipients: number;
  readonly delivered: number;
  readonly bounced: number;
  /** Outcomes beyond the first that a crash between the remote's 250 and our note of it explains. */
  readonly repeated: number;
  readonly broken: readonly string[];
}

/** A recipient that a notification named as failed, and when that was written. */
export interface Bounced {
  readonly recipient: string;
  readonly atMs: number;
}

/** Whether a second outcome of this recipient is explained by a crash; `timesMs`: of its outcomes, in order. */
export type Explained = (recipient: string, timesMs: readonly number[]) => boolean;

export class OutboundLedger {
  readonly #expected = new Map<string, Expected>();

  sent(recipients: readonly string[], expected: Expected): void {
    for (const recipient of recipients) this.#expected.set(recipient, expected);
  }

  /** `bounced`: recipients that notifications named as failed, each as often as it was named. */
  check(taken: readonly Taken[], bounced: readonly Bounced[], explained: Explained): OutboundCheck {
    const deliveries = Map.groupBy(taken, ({ recipient }) => recipient);
    const bounces = Map.groupBy(bounced, ({ recipient }) => recipient);
    const broken: string[] = [];
    let repeated = 0;
    for (const [recipient, { token, hash, promised }] of this.#expected) {
      const delivered = deliveries.get(recipient) ?? [];
      const timesMs = [...delivered, ...(bounces.get(recipient) ?? [])]
        .map(({ atMs }) => atMs)
        .sort((a, b) => a - b);
      const outcomes = timesMs.length;
      const name = `${token} for ${recipient}`;
      if (outcomes === 0 && promised) broken.push(`${name} was accepted, neither delivered nor bounced`);
      if (delivered.some((one) => one.hash !== hash || one.token !== token))
        broken.push(`${name} was delivered with other octets`);
      if (outcomes < 2) continue;
      if (explained(recipient, timesMs)) repeated += outcomes - 1;
      else broken.push(`${name} was delivered ${delivered.length} times of ${outcomes} outcomes`);
    }
    for (const recipient of [...deliveries.keys(), ...bounces.keys()])
      if (!this.#expected.has(recipient)) broken.push(`${recipient} has an outcome and was never sent to`);
    const recipients = this.#expected.size;
    return { recipients, delivered: taken.length, bounced: bounced.length, repeated, broken };
  }
}

/** The recipients that a notification reports as failed (RFC 3464 2.3). */
export function failedRecipients(dsn: string): readonly Bounced[] {
  const atMs = Date.parse(/^Date: (.*)$/im.exec(dsn)?.[1] ?? '');
  const unfolded = dsn.replace(/\r\n[ \t]+/g, ' ');
  return unfolded.split(/\r\n\r\n/).flatMap((block) => {
    const recipient = /^Final-Recipient: *rfc822; *(\S+)/im.exec(block)?.[1];
    return recipient !== undefined && /^Action: *failed/im.test(block) ? [{ recipient, atMs }] : [];
  });
}
