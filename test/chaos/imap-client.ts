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

export class ImapClient {
  readonly #socket: LineSocket;
  #tag = 0;
  /** The selected mailbox. */
  selected: { readonly name: string; readonly validity: number; readonly next: number } | undefined;

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

  async command(text: string, literal?: Uint8Array): Promise<Tagged> {
    const tag = `a${++this.#tag}`;
    this.#socket.write(`${tag} ${text}${literal ? ` {${literal.length}}` : ''}\r\n`);
    const untagged: Untagged[] = [];
    for (;;) {
      const response = await this.#response();
      if (response.text.startsWith('+') && literal) {
        this.#socket.write(literal);
        this.#socket.write('\r\n');
      } else if (response.text.startsWith(`${tag} `)) {
        const answer = response.text.slice(tag.length + 1);
        return { status: answer.split(' ')[0] ?? '', text: answer, untagged };
      } else untagged.push(response);
    }
  }

  /** @throws when it is not there */
  async select(name: string): Promise<void> {
    if (this.selected?.name === name) return;
    const { status, text, untagged } = await this.command(`SELECT "${name}"`);
    this.selected = undefined;
    if (status !== 'OK') throw new Error(`SELECT ${name} was answered ${text}`);
    const all = untagged.map((one) => one.text).join('\n');
    this.selected = { name, validity: numberIn(all, 'UIDVALIDITY'), next: numberIn(all, 'UIDNEXT') };
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
