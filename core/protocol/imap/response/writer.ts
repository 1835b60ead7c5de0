/**
 * Replies on their way to the client: gathered into large chunks, written in order, held up
 * when the client does not read. Knows no response, only lines and octets.
 */
import type { Connection } from '../../wire/connection.ts';
import { WRITE_CHUNK_OCTETS } from '../limits.ts';

export class ResponseWriter {
  readonly #connection: Connection;
  #text = '';
  #chunks: Uint8Array[] = [];
  #chunkOctets = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Adds a line; each char is one octet. */
  line(text: string): void {
    this.#text += `${text}\r\n`;
  }

  /** Adds text as it is; each char is one octet. */
  text(text: string): void {
    this.#text += text;
  }

  /** Adds octets as they are; they must not change afterwards. */
  octets(octets: Uint8Array): void {
    this.#closeText();
    this.#chunks.push(octets);
    this.#chunkOctets += octets.length;
  }

  /** Whether enough is gathered that the caller should await `flush` before adding more. */
  get full(): boolean {
    return this.#text.length + this.#chunkOctets >= WRITE_CHUNK_OCTETS;
  }

  /** Writes all that was added; waits while the client does not read. Throws ConnectionEnded. */
  async flush(): Promise<void> {
    this.#closeText();
    const chunks = this.#chunks;
    if (chunks.length === 0) return;
    this.#chunks = [];
    this.#chunkOctets = 0;
    const [first] = chunks;
    await this.#connection.write(chunks.length === 1 && first ? first : Buffer.concat(chunks));
  }

  #closeText(): void {
    if (this.#text === '') return;
    const octets = Buffer.from(this.#text, 'latin1');
    this.#text = '';
    this.#chunks.push(octets);
    this.#chunkOctets += octets.length;
  }
}

/** A response was begun and cannot be finished: nothing more can be said on this connection. */
export class ResponseBroken extends Error {
  override readonly name = 'ResponseBroken';
}
