/**
 * The least that an operation can ask of AWS in this design: one durable object per message and
 * tenant, one record and one log entry per account, one write per change, one read of what is
 * not in memory. No Lambda time, no look-ups that could be remembered, no bells.
 */

const put = 5;
const get = 0.4;
const write = 0.625;
const read = 0.125;
const sqs = 0.4;
const invoke = 0.2;

/** Who is it (one route, one account record, strongly consistent), and the tail of the log. */
const logIn = 2 * read;
const tail = read;

const dollars: readonly (readonly [RegExp, number])[] = [
  [/^receive, 1 recipient/, put + 2 * write + invoke],
  [/^receive, 10/, put + 20 * write + invoke],
  // Two handovers, one job that is made, taken and ended, and its wake-up
  [/^send/, put + get + 3 * write + 3 * sqs + 2 * invoke],
  [/^LOGIN \+ SELECT, cold/, logIn + get + tail],
  [/^LOGIN \+ SELECT, warm/, logIn + tail],
  [/^FETCH 50 envelopes, records/, 25 * read],
  [/^FETCH BODY.PEEK\[(\]|1)(?!.*again)/, get + read / 2],
  [/^FETCH BODY\[\]/, get + write],
  [/^(STORE|MOVE|EXPUNGE)/, write],
  [/^APPEND/, put + 2 * write],
  [/^POP3 session that reads/, logIn + get + tail + read / 2 + get + write],
  [/^POP3 session that finds/, logIn + get + tail],
];

/** Dollars per million; undefined where the least is nothing. */
export function leastUsd(name: string): number | undefined {
  return dollars.find(([pattern]) => pattern.test(name))?.[1];
}
