/** What IMAP allows on the wire, read independently of the code under test: lists, quoted strings, literals. */
import assert from 'node:assert/strict';

/** A text without literals that may stand in a response: ASCII, quotes closed, parentheses in pairs. */
export function assertImapLine(text: string): void {
  assert.ok(/^[\x20-\x7e]*$/.test(text), 'not printable ASCII');
  const bare = text.replace(/"(?:[^"\\]|\\["\\])*"/g, '');
  assert.ok(!/["\\]/.test(bare.replace(/\\[A-Za-z*]/g, '')), `an open quote: ${bare.slice(0, 100)}`);
  let depth = 0;
  for (const char of bare) {
    if (char === '(') depth++;
    if (char === ')') depth--;
    assert.ok(depth >= 0, 'a parenthesis too many');
  }
  assert.equal(depth, 0, 'an open parenthesis');
}

/** Everything that an IMAP server has said: whole responses, no octets between them. */
export function assertImapResponses(said: Buffer): void {
  for (let at = 0; at < said.length; ) {
    const start = at;
    for (;;) {
      const end = said.indexOf('\r\n', at, 'latin1');
      assert.ok(end >= 0, 'a response without an end');
      const line = said.toString('latin1', at, end);
      assert.ok(!/[\0\r\n]/.test(line), 'a bare CR, LF or NUL in a response');
      at = end + 2;
      const literal = /\{(\d+)\}$/.exec(line);
      if (literal === null) break;
      at += Number(literal[1]);
      assert.ok(at <= said.length, 'a literal without an end');
    }
    const first = said.toString('latin1', start, Math.min(start + 80, at));
    assert.ok(/^(\* |\+ ?|[^\x00-\x20(){%*"\\+]+ (OK|NO|BAD) )/.test(first), `no response: ${first}`);
  }
}
