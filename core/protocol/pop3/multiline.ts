/**
 * The wire form of a multi-line response (RFC 1939 3): every line ends in CRLF, a line that
 * begins with '.' gets another one, and a lone '.' ends it all. Works chunk by chunk. Also cuts
 * a message for TOP. Pure.
 */

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const dot = Buffer.from('.');
const crlf = Buffer.from('\r\n');

/** Encodes one message; use once. */
export class MultilineEncoder {
  #atLineStart = true;
  #afterCr = false;

  /** The chunk's wire form, as slices of it with a few octets between. LF alone becomes CRLF. */
  encode(chunk: Uint8Array): Uint8Array {
    const slices: Uint8Array[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      if (this.#atLineStart && chunk[at] === DOT) {
        slices.push(chunk.subarray(from, at), dot);
        from = at;
      }
      const lf = chunk.indexOf(LF, at);
      const end = lf < 0 ? chunk.length : lf;
      const beforeIsCr = end > at ? chunk[end - 1] === CR : this.#afterCr && at === 0;
      this.#atLineStart = lf >= 0;
      this.#afterCr = lf < 0 && beforeIsCr;
      if (lf >= 0 && !beforeIsCr) {
        slices.push(chunk.subarray(from, lf), crlf);
        from = lf + 1;
      }
      at = end + 1;
    }
    if (slices.length === 0) return chunk;
    slices.push(chunk.subarray(from));
    return Buffer.concat(slices);
  }

  /** What ends the response; a last line without its CRLF gets it. */
  end(): Uint8Array {
    return Buffer.from(this.#atLineStart ? '.\r\n' : '\r\n.\r\n');
  }
}

/** Finds where TOP's answer ends: after the header, the empty line and so many lines of the body. */
export class TopCutter {
  #linesLeft: number;
  #inHeader = true;
  /** Octets of the current line so far, a CR not counted. */
  #lineOctets = 0;

  constructor(bodyLines: number) {
    this.#linesLeft = bodyLines;
  }

  /** The part of the chunk that belongs to the answer, and whether it ends there. */
  cut(chunk: Uint8Array): { readonly octets: Uint8Array; readonly complete: boolean } {
    for (let at = 0; at < chunk.length; ) {
      if (!this.#inHeader && this.#linesLeft === 0) return { octets: chunk.subarray(0, at), complete: true };
      const lf = chunk.indexOf(LF, at);
      const end = lf < 0 ? chunk.length : lf;
      const cr = end > at && chunk[end - 1] === CR ? 1 : 0;
      this.#lineOctets += end - at - cr;
      if (lf >= 0) this.#endLine();
      at = end + 1;
    }
    return { octets: chunk, complete: !this.#inHeader && this.#linesLeft === 0 };
  }

  #endLine(): void {
    if (!this.#inHeader) this.#linesLeft -= 1;
    else if (this.#lineOctets === 0) this.#inHeader = false;
    this.#lineOctets = 0;
  }
}
