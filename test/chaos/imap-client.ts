/** A raw IMAP client: one command at a time, its tagged answer and all untagged ones with their literals. */
import { LineSocket } from './line-socket.ts';

export interface Untagged {
  /** Literals stand as `{n}`; what follows them goes on in the same text. */
  readonly text: string;
  readonly literals: readonly Buffer[];
}

export interface Tagged {
  readonly status: string;
  readonly text: string;
  readonly untagged: readonly Untagged[];
}

export interface FetchedRow {
  readonly uid: number;
  /** Sorted, without \Recent, joined by blanks. */
  readonly flags: string;
  readonly sizeBytes: number;
  readonly octets: Buffer | undefined;
}

export interface Selected {
  readonly id: string;
  readonly validity: number;
  readonly next: number;
  readonly highestModSeq: number;
}

/** What an answer that says no tells for sure: nothing was done. */
const refusals = /^NO \[(OVERQUOTA|TRYCREATE|ALREADYEXISTS|NONEXISTENT|CANNOT|LIMIT|TOOBIG)\]|^BAD/;

export class ImapClient {
  readonly #socket: LineSocket;
  #tag = 0;
  /** The selected mailbox; `id`: what the ledger calls it. */
  selected: Selected | undefined;

  private constructor(socket: LineSocket) {
    this.#socket = socket;
  }

  static async login(port: number, user: string, password: string): Promise<ImapClient> {
    const client = new ImapClient(await LineSocket.connect(port));
    await client.#socket.line();
    const { status, text } = await client.command(`LOGIN "${user}" "${password}"`);
    if (status === 'OK') return client;
    client.destroy();
    throw new Error(`LOGIN was answered ${text}`);
  }

  /** With a literal, which is sent when it is asked for. */
  command(text: string, literal?: Uint8Array): Promise<Tagged> {
    return this.#command(`${text}${literal ? ` {${literal.length}}` : ''}`, () => {
      if (literal) this.#socket.write(literal);
      if (literal) this.#socket.write('\r\n');
    });
  }

  /** IDLE for some time, then DONE. */
  idle(ms: number): Promise<Tagged> {
    return this.#command('IDLE', () => {
      setTimeout(() => this.#socket.write('DONE\r\n'), ms);
    });
  }

  /** Announces a literal that is not asked for (RFC 7888), sends a part of it, and goes. */
  async breakOff(text: string, literal: Uint8Array, octets: number): Promise<void> {
    this.#socket.write(`a${++this.#tag} ${text} {${literal.length}+}\r\n`);
    this.#socket.write(literal.subarray(0, Math.min(octets, literal.length - 1)));
    await this.#socket.end();
  }

  async #command(text: string, goOn: () => void): Promise<Tagged> {
    const tag = `a${++this.#tag}`;
    this.#socket.write(`${tag} ${text}\r\n`);
    const untagged: Untagged[] = [];
    for (;;) {
      const response = await this.#response();
      if (response.text.startsWith('+')) goOn();
      else if (response.text.startsWith(`${tag} `)) {
        const answer = response.text.slice(tag.length + 1);
        return { status: answer.split(' ')[0] ?? '', text: answer, untagged };
      } else untagged.push(response);
    }
  }

  /** Stays where it is when the mailbox with that id is selected. @throws when it is not there */
  async select(name: string, id = name): Promise<Selected> {
    if (this.selected?.id === id) return this.selected;
    const { status, text, untagged } = await this.command(`SELECT "${name}"`);
    this.selected = undefined;
    if (status !== 'OK') throw new Error(`SELECT ${name} was answered ${text}`);
    const all = textOf(untagged);
    this.selected = {
      id,
      validity: numberIn(all, 'UIDVALIDITY'),
      next: numberIn(all, 'UIDNEXT'),
      highestModSeq: numberIn(all, 'HIGHESTMODSEQ'),
    };
    return this.selected;
  }

  /** Rows of the selected mailbox; `section` is fetched with them. */
  async fetch(set: string, section: string): Promise<readonly FetchedRow[]> {
    const { status, text, untagged } = await this.command(
      `UID FETCH ${set} (FLAGS RFC822.SIZE BODY.PEEK[${section}])`,
    );
    if (status !== 'OK') throw new Error(`FETCH was answered ${text}`);
    return rowsOf(untagged).filter((row) => row.octets !== undefined);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #response(): Promise<Untagged> {
    let text = '';
    const literals: Buffer[] = [];
    for (;;) {
      const line = await this.#socket.line();
      text += line;
      const size = /\{(\d+)\}$/.exec(line)?.[1];
      if (size === undefined) return { text, literals };
      literals.push(await this.#socket.octets(Number(size)));
    }
  }
}

/** What became of a change, by its answer; none at all, or NO for a failure, tells nothing. */
export function outcomeOf(answer: Tagged | undefined): 'done' | 'unknown' | 'not-done' {
  if (answer?.status === 'OK') return 'done';
  return refusals.test(answer?.text ?? '') ? 'not-done' : 'unknown';
}

export function textOf(untagged: readonly Untagged[]): string {
  return untagged.map(({ text }) => text).join('\n');
}

/** The FETCH responses among them that name a UID. */
export function rowsOf(untagged: readonly Untagged[]): readonly FetchedRow[] {
  return untagged.flatMap(({ text, literals }) => {
    const uid = /^\* \d+ FETCH .*\bUID (\d+)/.exec(text)?.[1];
    if (uid === undefined) return [];
    const flags = (/FLAGS \(([^)]*)\)/.exec(text)?.[1] ?? '')
      .split(' ')
      .filter((flag) => flag !== '' && flag !== '\\Recent');
    const sizeBytes = Number(/RFC822\.SIZE (\d+)/.exec(text)?.[1] ?? 0);
    return [{ uid: Number(uid), flags: flags.sort().join(' '), sizeBytes, octets: literals[0] }];
  });
}

/** `2:4,7` as numbers. */
export function uidsOf(set: string): readonly number[] {
  return set.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split(':').map(Number);
    return Array.from({ length: Math.abs(last - first) + 1 }, (_, n) => Math.min(first, last) + n);
  });
}

function numberIn(text: string, name: string): number {
  return Number(new RegExp(`${name} (\\d+)`).exec(text)?.[1] ?? 0);
}
