/** What a client knows of one mailbox from untagged responses alone (RFC 9051 7): numbers, UIDs, flags. Pure. */
import type { Untagged } from './imap-client.ts';

interface Row {
  uid: number | undefined;
  flags: string | undefined;
}

export class View {
  #rows: Row[] = [];

  /** Takes the responses in, in their order. @throws when one makes no sense */
  apply(untagged: readonly Untagged[]): void {
    for (const { text } of untagged) {
      const [, number = '', what] = /^\* (\d+) (EXISTS|EXPUNGE|FETCH)/.exec(text) ?? [];
      const n = Number(number);
      if (what === 'EXISTS') this.#exists(n);
      if (what === 'EXPUNGE' && this.#rows.splice(n - 1, 1).length === 0)
        throw new ViewError(`EXPUNGE of ${n}, where ${this.#rows.length} are`);
      if (what === 'FETCH') this.#fetched(n, text);
    }
  }

  /** The first sequence number of which UID or flags are not known. */
  get unknown(): number | undefined {
    const at = this.#rows.findIndex(({ uid, flags }) => uid === undefined || flags === undefined);
    return at < 0 ? undefined : at + 1;
  }

  /** `uid (flags)` a line. */
  get text(): string {
    return this.#rows.map(({ uid, flags }) => `${uid} (${flags})`).join('\n');
  }

  #exists(count: number): void {
    if (count < this.#rows.length)
      throw new ViewError(`EXISTS ${count}, where ${this.#rows.length} were and none was expunged`);
    while (this.#rows.length < count) this.#rows.push({ uid: undefined, flags: undefined });
  }

  #fetched(n: number, text: string): void {
    const row = this.#rows[n - 1];
    if (row === undefined) throw new ViewError(`FETCH of ${n}, where ${this.#rows.length} are`);
    const uid = /\bUID (\d+)/.exec(text)?.[1];
    const flags = /FLAGS \(([^)]*)\)/.exec(text)?.[1];
    if (uid !== undefined && row.uid !== undefined && row.uid !== Number(uid))
      throw new ViewError(`number ${n} was UID ${row.uid} and is ${uid}`);
    if (uid !== undefined) row.uid = Number(uid);
    if (flags !== undefined) row.flags = sortedFlags(flags);
  }
}

/** The server told what cannot be. */
export class ViewError extends Error {
  override readonly name = 'ViewError';
}

/** Sorted, without \Recent, joined by blanks. */
export function sortedFlags(flags: string): string {
  const all = flags.split(' ').filter((flag) => flag !== '' && flag !== '\\Recent');
  return all.sort().join(' ');
}
