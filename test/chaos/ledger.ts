/**
 * All that was promised. Each message in each account, and each copy of it, has the set of states it may be in: one when
 * every answer came, two after an answer that did not come. Only messages whose state is certain are worked on, by one
 * worker at a time; so what a check sees decides between the states that are left, or shows a broken promise.
 */
import { BoxLedger } from './boxes.ts';
import type { FetchedRow } from './imap-client.ts';
import {
  distinct,
  type Instance,
  keepsUid,
  type MayBe,
  matchCopies,
  note,
  type Observed,
  type Place,
  placeText,
  sameState,
  stateText,
} from './instance.ts';
import { tokenOf } from './letter.ts';
import { keptOf, noPromises } from './promises.ts';
import { SubscriptionLedger } from './subscriptions.ts';

export type { Instance, MayBe, Observed, Place } from './instance.ts';

/** Messages with what they are to be if the change was done. */
interface Together {
  readonly what: string;
  readonly members: readonly { readonly instance: Instance; readonly after: Place }[];
}

export type Became = 'done' | 'unknown' | 'not-done';

export class Ledger {
  readonly promises = noPromises();
  readonly boxes = new BoxLedger((what) => this.fail(what));
  readonly subscriptions = new SubscriptionLedger((what) => this.fail(what));
  /** Broken promises, in words. */
  readonly broken: { readonly what: string; readonly instance?: Instance }[] = [];
  readonly #live = new Map<string, Map<string, Instance[]>>();
  readonly #gone = new Set<string>();
  /** account/mailbox/validity/uid -> token, for ever. */
  readonly #uids = new Map<string, string>();
  /** account/mailbox/validity -> UIDNEXT of the last check: no UID below it is new. */
  readonly #floors = new Map<string, number>();
  readonly #learned = new Map<string, number>();
  /** account -> octets of all messages ever sent there. */
  readonly #begunBytes = new Map<string, number>();
  #together: Together[] = [];

  live(account: string): readonly Instance[] {
    return [...this.#ofAccount(account).values()].flat();
  }

  copiesOf(account: string, token: string): readonly Instance[] {
    return this.#ofAccount(account).get(token) ?? [];
  }

  /** Promises so far, of all kinds. */
  get kept(): number {
    return keptOf(this.promises);
  }

  /** Of all accounts together. */
  get uidsSeen(): number {
    return this.#uids.size;
  }

  /** What the account may hold at most, and all that was ever on its way there. */
  bytes(account: string): { readonly most: number; readonly begun: number } {
    const most = this.live(account).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return { most, begun: this.#begunBytes.get(account) ?? 0 };
  }

  /** Before a message is sent or copied: it may come at any moment, or never. `sizeBytes`: with what a server adds. */
  sending(token: string, account: string, hash: string, place: Place, sizeBytes = 0): Instance {
    const states = [undefined, place];
    const rest = { busy: true, seen: undefined, sizeBytes, history: [] };
    const instance: Instance = { token, account, hash, states, ...rest };
    const tokens = this.#ofAccount(account);
    tokens.set(token, [...(tokens.get(token) ?? []), instance]);
    this.#begunBytes.set(account, this.bytes(account).begun + sizeBytes);
    return instance;
  }

  /**
   * Takes messages of the mailbox whose state and UID are certain; they are ours until `settle`. Up to `count`, and to the
   * UID that the taker's session was told of.
   */
  take(
    account: string,
    mailbox: string,
    { validity, upTo }: { readonly validity: number; readonly upTo: number },
    count: number,
    random: () => number,
  ): Instance[] {
    const able = this.live(account).filter(
      (one) =>
        isCertain(one, mailbox) &&
        one.seen?.mailbox === mailbox &&
        one.seen.validity === validity &&
        one.seen.uid <= upTo,
    );
    const taken: Instance[] = [];
    while (taken.length < count && able.length > 0)
      taken.push(...able.splice(Math.floor(random() * able.length), 1));
    for (const instance of taken) instance.busy = true;
    return taken;
  }

  /** The message at the UID, if its state is certain and nobody works on it. */
  takeUid(account: string, mailbox: string, validity: number, uid: number): Instance | undefined {
    const token = this.#uids.get(`${account}/${mailbox}/${validity}/${uid}`);
    const instance = this.copiesOf(account, token ?? '').find(
      (one) => isCertain(one, mailbox) && one.seen?.mailbox === mailbox && one.seen.uid === uid,
    );
    if (instance) instance.busy = true;
    return instance;
  }

  /** All of the mailbox may also be in the other one from now on: a RENAME of INBOX is under way. */
  disturb(account: string, from: string, to: string): void {
    for (const instance of this.live(account)) {
      const moved = instance.states.flatMap((state) =>
        state?.mailbox === from ? [{ ...state, mailbox: to }] : [],
      );
      instance.states = distinct([...instance.states, ...moved]);
    }
  }

  /**
   * What became of a change; after `unknown` both is possible. Lets go of the message. One that was disturbed
   * meanwhile stays in doubt.
   */
  settle(instance: Instance, outcome: Became, what: string, change: (place: Place) => MayBe): void {
    note(instance, `${what}: ${outcome}`);
    const changed = distinct(instance.states.map((state) => state && change(state)));
    const certain = instance.states.length === 1 || changed.length === 1;
    if (outcome === 'done' && certain) instance.states = changed;
    else if (outcome !== 'not-done') {
      instance.states = distinct([...instance.states, ...changed]);
      this.promises.unanswered++;
    }
    if (instance.states.every((state) => state === undefined)) instance.sizeBytes = 0;
    instance.busy = false;
  }

  /** What became of a message that was `sending`. */
  sent(instance: Instance, outcome: Became, what: string): void {
    note(instance, `${what}: ${outcome}`);
    if (outcome === 'done') instance.states = instance.states.slice(1);
    if (outcome === 'not-done') instance.states = [undefined];
    if (outcome === 'not-done') instance.sizeBytes = 0;
    if (outcome === 'unknown') this.promises.unanswered++;
    instance.busy = false;
  }

  /** No answer came to a change of several messages that is done for all of them or for none (COPY, MOVE). */
  together(what: string, members: Together['members']): void {
    if (members.length > 1) this.#together.push({ what, members });
  }

  /** A message was seen at a UID, or an answer said that it is there: that of `whose`, or of the only one it can be. */
  saw(
    account: string,
    mailbox: string,
    validity: number,
    uid: number,
    token: string,
    whose?: Instance,
  ): void {
    this.boxes.learn(account, mailbox, validity);
    const place = `${account}/${mailbox}/${validity}/${uid}`;
    const before = this.#uids.get(place);
    const instance = whose ?? this.#whose(account, mailbox, token);
    if (before !== undefined && before !== token)
      this.fail(`${place} was ${before} and is ${token}`, instance);
    if (before === undefined && uid < (this.#floors.get(`${account}/${mailbox}/${validity}`) ?? 0))
      this.fail(`${place} is new, but below an earlier UIDNEXT`, instance);
    this.#uids.set(place, token);
    if (instance) instance.seen = { mailbox, validity, uid };
  }

  /** The UID from which on nobody has looked at the mailbox. */
  unlearned(account: string, mailbox: string): number {
    return this.#learned.get(`${account}/${mailbox}`) ?? 1;
  }

  learn(account: string, mailbox: string, validity: number, rows: readonly FetchedRow[]): void {
    const box = `${account}/${mailbox}`;
    for (const { uid, octets } of rows) {
      const token = octets && tokenOf(octets);
      if (token !== undefined && this.#uids.get(`${box}/${validity}/${uid}`) === undefined)
        this.saw(account, mailbox, validity, uid, token);
      this.#learned.set(box, Math.max(this.unlearned(account, mailbox), uid + 1));
    }
  }

  /** When nothing is under way: every state that is left but what is seen is given up. */
  checkAccount(
    account: string,
    rows: readonly Observed[],
    withHashes: (octets: Buffer) => string | undefined,
  ) {
    const found = Map.groupBy(rows, ({ octets }) => (octets && tokenOf(octets)) ?? '');
    found.delete('');
    for (const [token, copies] of this.#ofAccount(account)) {
      this.#checkCopies(copies, found.get(token) ?? [], withHashes);
      found.delete(token);
      const left = copies.filter(({ states: [state] }) => state !== undefined);
      if (left.length > 0) this.#ofAccount(account).set(token, left);
      else this.#ofAccount(account).delete(token);
      if (left.length === 0) this.#gone.add(`${account}/${token}`);
    }
    this.#checkTogether(account);
    for (const [token, places] of found) {
      const gone = this.#gone.has(`${account}/${token}`);
      this.fail(`${account}: ${token} is in ${places[0]?.mailbox}, ${gone ? 'and was gone' : 'unheard of'}`);
    }
  }

  /** UIDNEXT as a check has seen it. */
  floor(account: string, mailbox: string, validity: number, uidNext: number): void {
    const key = `${account}/${mailbox}/${validity}`;
    const before = this.#floors.get(key) ?? 0;
    if (uidNext < before) this.fail(`${key}: UIDNEXT was ${before} and is ${uidNext}`);
    this.#floors.set(key, uidNext);
  }

  fail(what: string, instance?: Instance): void {
    this.broken.push({ what, ...(instance ? { instance } : {}) });
  }

  #checkCopies(
    copies: readonly Instance[],
    rows: readonly Observed[],
    hash: (octets: Buffer) => string | undefined,
  ): void {
    for (const copy of copies)
      copy.states = distinct(
        copy.states.map((state) =>
          state && this.boxes.isGone(copy.account, state.mailbox) ? undefined : state,
        ),
      );
    const matched = matchCopies(copies, rows);
    if (matched === undefined) this.#complain(copies, rows);
    for (const [at, copy] of copies.entries()) {
      const row = matched ? matched.get(copy) : rows[at];
      const seen = row?.octets && hash(row.octets);
      if (seen !== undefined && seen !== copy.hash)
        this.fail(`${copy.account}: ${copy.token} has other octets`, copy);
      const now = row && { mailbox: row.mailbox, flags: row.flags };
      note(copy, `checked: ${stateText(now)}`);
      copy.states = [now];
      copy.busy = false;
      copy.seen = row;
      copy.sizeBytes = row?.sizeBytes ?? 0;
    }
  }

  #checkTogether(account: string): void {
    for (const { what, members } of this.#together) {
      if (members[0]?.instance.account !== account) continue;
      const done = members.filter(({ instance, after }) => sameState(instance.states[0], after)).length;
      if (done > 0 && done < members.length)
        this.fail(
          `${account}: ${what} was done for ${done} of ${members.length} messages`,
          members[0].instance,
        );
    }
    this.#together = this.#together.filter(({ members }) => members[0]?.instance.account !== account);
  }

  #complain(copies: readonly Instance[], rows: readonly Observed[]): void {
    const [copy] = copies;
    const name = `${copy?.account}: ${copy?.token}`;
    if (rows.length > copies.length)
      this.fail(`${name} is there ${rows.length} times: ${rows.map(placeText).join(', ')}`, copy);
    for (const [at, one] of copies.entries()) {
      const row = rows[at];
      const now = row && { mailbox: row.mailbox, flags: row.flags };
      const wanted = one.states.map(stateText).join(' or ');
      const of = copies.length > 1 ? ` (copy ${at + 1} of ${copies.length})` : '';
      if (!one.states.some((state) => sameState(state, now)))
        this.fail(`${name}${of} is ${stateText(now)}, and was to be ${wanted}`, one);
      else if (row && !keepsUid(one, row))
        this.fail(`${name}${of} was at UID ${one.seen?.uid} of ${row.mailbox} and is at ${row.uid}`, one);
    }
  }

  /** The one copy that a newly seen UID of the mailbox can be; none when there are several, then a check decides. */
  #whose(account: string, mailbox: string, token: string): Instance | undefined {
    const able = this.copiesOf(account, token).filter(
      ({ states, seen }) => seen?.mailbox !== mailbox && states.some((state) => state?.mailbox === mailbox),
    );
    return able.length === 1 ? able[0] : undefined;
  }

  #ofAccount(account: string): Map<string, Instance[]> {
    const known = this.#live.get(account);
    if (known) return known;
    const made = new Map<string, Instance[]>();
    this.#live.set(account, made);
    return made;
  }
}

function isCertain({ busy, states }: Instance, mailbox: string): boolean {
  return !busy && states.length === 1 && states[0]?.mailbox === mailbox;
}
