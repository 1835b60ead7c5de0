/** What was promised to senders of mail for elsewhere: each recipient has one outcome, delivered or told of. */
import type { Instance } from './instance.ts';
import { neverDomain, type Taken } from './sink.ts';

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
  /** Recipients at a server that never takes anything, each told of once. */
  readonly expired: number;
  /** Senders who were told that one of several had no room. */
  readonly noticed: number;
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
  /** Senders of mail for several, one of whom may have had no room. */
  readonly #senders = new Set<string>();
  /** Those of them who were told 250, with that one's copy; and those whose copy did not come. */
  readonly #notices = new Map<string, Instance>();
  readonly #absent = new Set<string>();

  sent(recipients: readonly string[], expected: Expected): void {
    for (const recipient of recipients) this.#expected.set(recipient, expected);
  }

  /** If this was `promised`, that one has the message, or a notification says that he has not. */
  mayBeTold(sender: string, copy: Instance, promised: boolean): void {
    this.#senders.add(sender);
    if (promised) this.#notices.set(sender, copy);
  }

  /** After each look, before the copy is touched again: whether it came at all. */
  decideNotices(): void {
    for (const [sender, { states }] of this.#notices) {
      if (states.length !== 1) continue;
      if (states[0] === undefined) this.#absent.add(sender);
      this.#notices.delete(sender);
    }
  }

  /** `jobs`: recipients of all jobs there were; a notification that the sink never took is one of them. */
  checkNotices(taken: readonly Taken[], jobs: ReadonlySet<string>): readonly string[] {
    const told = new Set([...taken.map(({ recipient }) => recipient), ...jobs]);
    return [...this.#absent]
      .filter((sender) => !told.has(sender))
      .map((sender) => `${sender} had a 250 for several, one has nothing, and nobody told of it`);
  }

  /** `bounced`: recipients that notifications named as failed, each as often as it was named. */
  check(taken: readonly Taken[], bounced: readonly Bounced[], explained: Explained): OutboundCheck {
    const deliveries = Map.groupBy(taken, ({ recipient }) => recipient);
    const bounces = Map.groupBy(bounced, ({ recipient }) => recipient);
    const broken: string[] = [];
    let [repeated, expired] = [0, 0];
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
      if (recipient.endsWith(`@${neverDomain}`) && outcomes > 0) expired++;
      if (outcomes < 2) continue;
      if (explained(recipient, timesMs)) repeated += outcomes - 1;
      else broken.push(`${name} was delivered ${delivered.length} times of ${outcomes} outcomes`);
    }
    for (const recipient of [...deliveries.keys(), ...bounces.keys()])
      if (!this.#expected.has(recipient) && !this.#senders.has(recipient))
        broken.push(`${recipient} has an outcome and was never sent to`);
    const recipients = this.#expected.size;
    const noticed = taken.filter(({ recipient }) => this.#senders.has(recipient)).length;
    return {
      ...{ recipients, delivered: taken.length - noticed, bounced: bounced.length },
      ...{ repeated, expired, noticed, broken },
    };
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
