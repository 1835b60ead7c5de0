/**
 * Finds the end of DATA and takes out stuffed dots (RFC 5321 4.5.2), chunk by chunk, by looking
 * for line ends alone. Only <CRLF>.<CRLF> ends a message, and a CR or LF that stands alone is
 * noted: what others take for a line end there would smuggle commands into a message.
 */

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const empty = Buffer.alloc(0);

export class DotScanner {
  /** A CR or LF stood alone; the message must be refused (RFC 5321 2.3.8). */
  bareLineEnd = false;
  /** The final dot has been seen. */
  ended = false;
  /** What came behind the final dot. */
  rest: Buffer = empty;
  #lineStart = true;
  /** Octets at the end of a chunk that only the next one explains: CR, '.', or '.' CR. */
  #carry: Buffer = empty;

  /** The octets of the message in this chunk, as subarrays of it. */
  scan(chunk: Buffer): Buffer[] {
    const octets = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    this.#carry = empty;
    const pieces: Buffer[] = [];
    let start = 0; // of what is not yet in pieces
    let at = 0;
    const cut = (end: number) => {
      if (end > start) pieces.push(octets.subarray(start, end));
    };
    for (;;) {
      if (this.#lineStart && octets[at] === DOT) {
        const tail = this.#dotLine(octets, at);
        cut(at);
        if (tail !== 'stuffed') return pieces;
        at += 1;
        start = at;
      }
      const end = this.#lineEnd(octets, at);
      if (end === undefined) {
        cut(octets.length - this.#carry.length);
        return pieces;
      }
      at = end;
    }
  }

  /** A dot at the start of a line: the end, a stuffed one, or not known yet. */
  #dotLine(octets: Buffer, at: number): 'stuffed' | 'ended' | 'carried' {
    const [second, third] = [octets[at + 1], octets[at + 2]];
    if (second === undefined || (second === CR && third === undefined)) {
      this.#carry = octets.subarray(at);
      return 'carried';
    }
    if (second !== CR || third !== LF) return 'stuffed';
    this.ended = true;
    this.rest = octets.subarray(at + 3);
    return 'ended';
  }

  /** Where the next line begins (or goes on after a bare CR or LF); undefined at the end of the chunk. */
  #lineEnd(octets: Buffer, from: number): number | undefined {
    if (from === octets.length) return undefined;
    const lf = octets.indexOf(LF, from);
    const cr = octets.indexOf(CR, from);
    if (cr >= 0 && cr === lf - 1) {
      this.#lineStart = true;
      return lf + 1;
    }
    if (cr === octets.length - 1 && cr >= 0 && lf < 0) {
      this.#carry = octets.subarray(cr);
      this.#lineStart = false;
      return undefined;
    }
    this.#lineStart = false;
    if (cr < 0 && lf < 0) return undefined;
    this.bareLineEnd = true;
    return (cr < 0 || (lf >= 0 && lf < cr) ? lf : cr) + 1;
  }
}
