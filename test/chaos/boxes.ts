/**
 * The mailboxes that were promised, each by an id of ours that outlives a RENAME. After an answer that did not come a
 * mailbox may have one of several names, or not be there; nobody uses it until a check has decided. RFC 9051 6.3.4 to 6.3.6.
 */

/** One mailbox; `undefined` among its names: it is not there (yet, or any more). */
export interface Box {
  readonly id: string;
  readonly account: string;
  names: readonly (string | undefined)[];
  validity: number | undefined;
  /** Workers that have commands under way in it. */
  users: number;
  locked: boolean;
}

/** A mailbox as LIST and SELECT show it. */
export interface ListedBox {
  readonly name: string;
  readonly validity: number;
}

interface Renaming {
  readonly what: string;
  readonly boxes: readonly { readonly box: Box; readonly to: string }[];
}

/** Those that every account begins with; their ids are their names. */
const first = ['INBOX', 'Sent', 'Drafts', 'Junk', 'Trash', 'Archive'];
/** Other mailboxes of an account at a time. */
export const maxBoxes = 9;

export class BoxLedger {
  readonly #fail: (what: string) => void;
  readonly #boxes = new Map<string, Box[]>();
  readonly #gone = new Set<string>();
  /** account/id -> UIDVALIDITY; account/name -> the highest under that name, for ever. */
  readonly #validities = new Map<string, number>();
  readonly #highest = new Map<string, number>();
  /** account/UIDVALIDITY -> id, for ever. */
  readonly #owners = new Map<string, string>();
  /** Names of mailboxes whose UIDVALIDITY nobody has seen yet: it must be above this. */
  readonly #above = new Map<string, number>();
  #renamings: Renaming[] = [];
  #ids = 0;

  constructor(fail: (what: string) => void) {
    this.#fail = fail;
  }

  /** Those that are surely there and that nobody is changing. */
  usable(account: string): readonly Box[] {
    return this.#of(account).filter(({ locked, names }) => !locked && names.length === 1);
  }

  /** Made by us, not of the first ones, and used by nobody: what may be renamed or deleted. */
  free(account: string): readonly Box[] {
    return this.usable(account).filter(({ id, users }) => users === 0 && !first.includes(id));
  }

  count(account: string): number {
    return this.#of(account).length - first.length;
  }

  /** The box itself and all below it that may be there. */
  tree(account: string, name: string): readonly Box[] {
    return this.#of(account).filter(({ names }) =>
      names.some((one) => one === name || one?.startsWith(`${name}/`) === true),
    );
  }

  /** Whether it is certain that no mailbox has the name, and which of the superior ones are there. */
  isVacant(account: string, name: string): boolean {
    const own = this.#of(account);
    if (own.some(({ names }) => names.includes(name))) return false;
    return !own.some((box) => box.names.length > 1 && box.names.some((one) => isAbove(one, name)));
  }

  /** Before a CREATE, or a RENAME to something below `name`: the mailboxes that come of it, superior ones first; locked. */
  making(account: string, name: string): readonly Box[] {
    const levels = name === '' ? [] : name.split('/');
    const names = levels.map((_, at) => levels.slice(0, at + 1).join('/'));
    const missing = names.filter((one) => !this.#of(account).some((box) => box.names.includes(one)));
    return missing.map((one) => {
      const id = `box${++this.#ids}`;
      const box: Box = {
        ...{ id, account, names: [undefined, one], validity: undefined },
        ...{ users: 0, locked: true },
      };
      this.#above.set(`${account}/${id}`, this.#highest.get(`${account}/${one}`) ?? 0);
      this.#of(account).push(box);
      return box;
    });
  }

  /** What became of them. After `unknown` they stay locked until a check. */
  made(boxes: readonly Box[], outcome: 'done' | 'unknown' | 'not-done'): void {
    for (const box of boxes) {
      if (outcome === 'unknown') continue;
      box.names = outcome === 'done' ? box.names.slice(1) : [undefined];
      box.locked = false;
    }
    if (outcome === 'not-done') this.#forget(boxes);
  }

  /** What became of a RENAME of `from`, all of whose tree was locked; of all mailboxes in it or of none. */
  renamed(boxes: readonly Box[], from: string, to: string, outcome: 'done' | 'unknown' | 'not-done'): void {
    const changes = boxes.map((box) => ({ box, to: to + (box.names[0] ?? '').slice(from.length) }));
    if (outcome === 'unknown') this.#renamings.push({ what: `RENAME ${from} ${to}`, boxes: changes });
    for (const { box, to: next } of changes) {
      if (outcome === 'unknown') box.names = [...box.names, next];
      if (outcome === 'done') box.names = [next];
      if (outcome === 'done' && box.validity !== undefined) this.#remember(box, next, box.validity);
      if (outcome !== 'unknown') box.locked = false;
    }
  }

  deleted(box: Box, outcome: 'done' | 'unknown' | 'not-done'): void {
    if (outcome === 'unknown') box.names = [...box.names, undefined];
    else box.locked = false;
    if (outcome === 'done') this.#forget([box]);
  }

  /** Whether the mailbox with that id was deleted, or never came to be. */
  isGone(account: string, id: string): boolean {
    return this.#gone.has(`${account}/${id}`);
  }

  /** The UIDVALIDITY that somebody has seen: it stays, and no other mailbox of the account ever has it. */
  learn(account: string, id: string, validity: number): void {
    const key = `${account}/${id}`;
    const known = this.#validities.get(key);
    if (known === validity) return;
    if (known !== undefined) this.#fail(`${key}: UIDVALIDITY was ${known} and is ${validity}`);
    const above = this.#above.get(key) ?? 0;
    if (validity <= above) this.#fail(`${key}: UIDVALIDITY is ${validity}, and its name had ${above} before`);
    const owner = this.#owners.get(`${account}/${validity}`) ?? id;
    if (owner !== id) this.#fail(`${key}: UIDVALIDITY ${validity} was that of ${owner}`);
    this.#owners.set(`${account}/${validity}`, id);
    this.#validities.set(key, validity);
    const box = this.#boxes.get(account)?.find((one) => one.id === id);
    if (box === undefined) return;
    box.validity = validity;
    for (const name of box.names) if (name !== undefined) this.#remember(box, name, validity);
  }

  /** Holds what LIST shows against what was promised, and decides what was in doubt. Gives the id of each name. */
  check(account: string, listed: readonly ListedBox[]): ReadonlyMap<string, string> {
    const boxes = this.#of(account);
    const found = new Map<Box, string>();
    for (const { name, validity } of listed) {
      const box =
        boxes.find((one) => one.validity === validity) ??
        boxes.find((one) => one.validity === undefined && one.names.includes(name));
      if (box === undefined) {
        this.#fail(`${account}: mailbox ${name} (${validity}) is there, and was not to be`);
        continue;
      }
      if (!box.names.includes(name))
        this.#fail(`${account}: mailbox ${box.id} is ${name}, and was to be ${namesText(box)}`);
      found.set(box, name);
      this.learn(account, box.id, validity);
    }
    this.#checkRenamings(account, found);
    const lost = boxes.filter((box) => !found.has(box));
    for (const box of lost)
      if (!box.names.includes(undefined))
        this.#fail(`${account}: mailbox ${box.id} is not there, and was to be ${namesText(box)}`);
    for (const [box, name] of found) {
      box.names = [name];
      box.locked = false;
    }
    this.#forget(lost);
    return new Map([...found].map(([{ id }, name]) => [name, id]));
  }

  #checkRenamings(account: string, found: ReadonlyMap<Box, string>): void {
    const [due, others] = [true, false].map((own) =>
      this.#renamings.filter(({ boxes }) => (boxes[0]?.box.account === account) === own),
    );
    this.#renamings = others ?? [];
    for (const { what, boxes } of due ?? []) {
      const done = boxes.filter(({ box, to }) => found.get(box) === to).length;
      if (done > 0 && done < boxes.length)
        this.#fail(`${account}: ${what} was done for ${done} of ${boxes.length} mailboxes`);
    }
  }

  #remember({ account }: Box, name: string, validity: number): void {
    const key = `${account}/${name}`;
    this.#highest.set(key, Math.max(validity, this.#highest.get(key) ?? 0));
  }

  #forget(boxes: readonly Box[]): void {
    for (const { account, id } of boxes) {
      this.#gone.add(`${account}/${id}`);
      const left = this.#of(account).filter((one) => one.id !== id);
      this.#boxes.set(account, left);
    }
  }

  #of(account: string): Box[] {
    const known = this.#boxes.get(account);
    if (known) return known;
    const made = first.map((id) => ({
      ...{ id, account, names: [id], validity: undefined, users: 0, locked: false },
    }));
    this.#boxes.set(account, made);
    return made;
  }
}

/** The one name of a mailbox that is not in doubt. */
export function nameOf({ names }: Box): string {
  return names[0] ?? '';
}

/** The same in modified UTF-7 (RFC 3501 5.1.3). */
export function wireNameOf(box: Box): string {
  return spelled(nameOf(box));
}

/** Of the one character in our names that needs it. */
export function spelled(name: string): string {
  return name.replaceAll('&', '&-');
}

function isAbove(name: string | undefined, other: string): boolean {
  return name !== undefined && other.startsWith(`${name}/`);
}

function namesText({ names }: Box): string {
  return names.map((name) => name ?? 'not there').join(' or ');
}
