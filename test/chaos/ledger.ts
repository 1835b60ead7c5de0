/**
 * All that was promised. Each message in each account has the set of states it may be in: one when every answer
 * came, two after an answer that did not come. Only messages whose state is certain are worked on, by one worker at a
 * time; so what a check sees decides between the states that are left, or shows a broken promise.
 */
import type { FetchedRow } from './imap-client.ts';
import { tokenOf } from './letter.ts';

/** Where a message is, and its flags, sorted and joined by blanks. */
export interface Place {
  readonly mailbox: string;
  readonly flags: string;
}

/** `undefined`: the message is not there (yet, or any more). */
export type MayBe = Place | undefined;

export interface Instance {
  readonly token: string;
  readonly account: string;
  readonly hash: string;
  states: readonly MayBe[];
  busy: boolean;
  seen: { readonly mailbox: string; readonly validity: number; readonly uid: number } | undefined;
  readonly history: string[];
}

export interface Observed extends FetchedRow {
  readonly mailbox: string;
  readonly validity: number;
}

export interface Promises {
  deliveries: number;
  submissions: number;
  appends: number;
  stores: number;
  moves: number;
  expunges: number;
  popDeletes: number;
  unanswered: number;
}

const keptHistory = 30;

export class Ledger {
  readonly promises: Promises = {
    deliveries: 0,
    submissions: 0,
    appends: 0,
    stores: 0,
    moves: 0,
    expunges: 0,
    popDeletes: 0,
    unanswered: 0,
  };
  /** Broken promises, in words. */
  readonly broken: { readonly what: string; readonly instance?: Instance }[] = [];
  readonly #live = new Map<string, Map<string, Instance>>();
  readonly #gone = new Set<string>();
  /** account/mailbox/validity/uid -> token, for ever. */
  readonly #uids = new Map<string, string>();
  /** account/mailbox/validity -> UIDNEXT of the last check: no UID below it is new. */
  readonly #floors = new Map<string, number>();
  readonly #validities = new Map<string, number>();
  readonly #learned = new Map<string, number>();

  live(account: string): ReadonlyMap<string, Instance> {
    return this.#ofAccount(account);
  }

  /** Promises so far, of all kinds. */
  get kept(): number {
    const { unanswered: _, ...promised } = this.promises;
    return Object.values(promised).reduce((sum, count) => sum + count, 0);
  }

  /** Of all accounts together. */
  get uidsSeen(): number {
    return this.#uids.size;
  }

  /** Before a message is sent: it may come at any moment, or never. */
  sending(token: string, account: string, hash: string, place: Place): Instance {
    const instance: Instance = {
      token,
      account,
      hash,
      states: [undefined, place],
      busy: true,
      seen: undefined,
      history: [],
    };
    this.#ofAccount(account).set(token, instance);
    return instance;
  }

  /** Takes up to `count` messages of the mailbox whose state and UID are certain; they are ours until `settle`. */
  take(account: string, mailbox: string, validity: number, count: number, random: () => number): Instance[] {
    const able = [...this.#ofAccount(account).values()].filter(
      ({ busy, states, seen }) =>
        !busy &&
        states.length === 1 &&
        states[0]?.mailbox === mailbox &&
        seen?.mailbox === mailbox &&
        seen.validity === validity,
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
    const instance = token === undefined ? undefined : this.#ofAccount(account).get(token);
    if (instance === undefined || instance.busy || instance.states.length !== 1) return undefined;
    if (instance.states[0]?.mailbox !== mailbox || instance.seen?.uid !== uid) return undefined;
    instance.busy = true;
    return instance;
  }

  /** What became of a change; after `unknown` both is possible. Lets go of the message. */
  settle(
    instance: Instance,
    outcome: 'done' | 'unknown' | 'not-done',
    what: string,
    change: (place: Place) => MayBe,
  ): void {
    note(instance, `${what}: ${outcome}`);
    const changed = instance.states.map((state) => state && change(state));
    if (outcome === 'done') instance.states = changed;
    if (outcome === 'unknown') {
      instance.states = distinct([...instance.states, ...changed]);
      this.promises.unanswered++;
    }
    instance.busy = false;
  }

  /** What became of a message that was `sending`. */
  sent(instance: Instance, outcome: 'done' | 'unknown' | 'not-done', what: string): void {
    note(instance, `${what}: ${outcome}`);
    if (outcome === 'done') instance.states = instance.states.slice(1);
    if (outcome === 'not-done') instance.states = [undefined];
    if (outcome === 'unknown') this.promises.unanswered++;
    instance.busy = false;
  }

  /** A message was seen at a UID, or an answer said that it is there. */
  saw(account: string, mailbox: string, validity: number, uid: number, token: string): void {
    const box = `${account}/${mailbox}`;
    const known = this.#validities.get(box) ?? validity;
    this.#validities.set(box, validity);
    const instance = this.#ofAccount(account).get(token);
    if (known !== validity) this.fail(`${box}: UIDVALIDITY was ${known} and is ${validity}`, instance);
    const place = `${box}/${validity}/${uid}`;
    const before = this.#uids.get(place);
    if (before !== undefined && before !== token)
      this.fail(`${place} was ${before} and is ${token}`, instance);
    if (before === undefined && uid < (this.#floors.get(`${box}/${validity}`) ?? 0))
      this.fail(`${place} is new, but below an earlier UIDNEXT`, instance);
    this.#uids.set(place, token);
    if (!instance) return;
    const older = instance.seen?.mailbox === mailbox && instance.seen.uid > uid;
    if (!older) instance.seen = { mailbox, validity, uid };
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
    for (const [token, instance] of this.#ofAccount(account)) {
      const places = found.get(token) ?? [];
      found.delete(token);
      this.#checkInstance(instance, places, withHashes);
    }
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

  #checkInstance(
    instance: Instance,
    places: readonly Observed[],
    hash: (octets: Buffer) => string | undefined,
  ): void {
    const { account, token, states } = instance;
    const name = `${account}: ${token}`;
    const [place] = places;
    if (places.length > 1)
      this.fail(`${name} is there ${places.length} times: ${places.map(placeText).join(', ')}`, instance);
    const now = place && { mailbox: place.mailbox, flags: place.flags };
    if (!states.some((state) => sameState(state, now)))
      this.fail(
        `${name} is ${stateText(now)}, and was to be ${states.map(stateText).join(' or ')}`,
        instance,
      );
    const seen = place?.octets && hash(place.octets);
    if (seen !== undefined && seen !== instance.hash) this.fail(`${name} has other octets`, instance);
    note(instance, `checked: ${stateText(now)}`);
    instance.states = [now];
    instance.busy = false;
    instance.seen = place;
    if (now !== undefined) return;
    this.#ofAccount(account).delete(token);
    this.#gone.add(`${account}/${token}`);
  }

  #ofAccount(account: string): Map<string, Instance> {
    const known = this.#live.get(account);
    if (known) return known;
    const made = new Map<string, Instance>();
    this.#live.set(account, made);
    return made;
  }
}

function note(instance: Instance, what: string): void {
  instance.history.push(`${new Date().toISOString()} ${what}`);
  if (instance.history.length > keptHistory) instance.history.shift();
}

function sameState(a: MayBe, b: MayBe): boolean {
  return a?.mailbox === b?.mailbox && a?.flags === b?.flags;
}

function distinct(states: readonly MayBe[]): readonly MayBe[] {
  return states.filter((one, at) => states.findIndex((other) => sameState(one, other)) === at);
}

function stateText(state: MayBe): string {
  return state === undefined ? 'not there' : `in ${state.mailbox} with (${state.flags})`;
}

function placeText({ mailbox, uid }: Observed): string {
  return `${mailbox} ${uid}`;
}
