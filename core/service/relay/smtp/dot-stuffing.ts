/**
 * The message on its way into DATA: line ends made CRLF, dots doubled, the final dot added.
 * Chunks may be cut anywhere. RFC 5321 4.5.2 and 2.3.8 (no bare CR or LF is ever sent, so
 * that no server can see an end of data where we mean none).
 */

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const crlf = Buffer.from('\r\n');
const dot = Buffer.from('.');

/** Every bare CR and bare LF becomes CRLF; a message without a final line end gets one. */
export async function* crlfLines(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let heldCr = false;
  let endsLine = true;
  for await (const octet of octets) {
    if (octet.length === 0) continue;
    let chunk = Buffer.from(octet.buffer, octet.byteOffset, octet.length);
    if (heldCr) {
      yield crlf;
      if (chunk[0] === LF) chunk = chunk.subarray(1);
    }
    heldCr = chunk.at(-1) === CR;
    if (heldCr) chunk = chunk.subarray(0, -1);
    if (chunk.length > 0) {
      yield needsMending(chunk) ? mended(chunk) : chunk;
      endsLine = chunk.at(-1) === LF;
    } else endsLine = true;
  }
  if (heldCr || !endsLine) yield crlf;
}

/** As `crlfLines`, with a dot before every line that starts with one, and the final line of one dot. */
export async function* dotStuffed(
  octets: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  let atStart = true;
  for await (const chunk of crlfLines(octets)) {
    let from = 0;
    if (atStart && chunk[0] === DOT) yield dot;
    for (let at = chunk.indexOf('\n.'); at >= 0; at = chunk.indexOf('\n.', at + 1)) {
      yield chunk.subarray(from, at + 1);
      yield dot;
      from = at + 1;
    }
    yield chunk.subarray(from);
    atStart = chunk.at(-1) === LF;
  }
  yield Buffer.from('.\r\n');
}

function needsMending(chunk: Buffer): boolean {
  for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1))
    if (chunk[at - 1] !== CR) return true;
  for (let at = chunk.indexOf(CR); at >= 0; at = chunk.indexOf(CR, at + 1))
    if (chunk[at + 1] !== LF) return true;
  return false;
}

function mended(chunk: Buffer): Buffer {
  return Buffer.from(chunk.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
}
