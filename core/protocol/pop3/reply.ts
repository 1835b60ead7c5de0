/**
 * The lines a server answers with (RFC 1939 3), with response codes where they tell a client
 * something it can act on (RFC 2449 8, RFC 3206). Texts are ours, never a client's octets.
 */

/** RFC 3206: AUTH, wrong credentials; SYS/TEMP, try later; SYS/PERM, somebody must mend it. */
export type ResponseCode = 'AUTH' | 'SYS/TEMP' | 'SYS/PERM';

/** A single-line answer with its CRLF. */
export type Reply = `${'+OK' | '-ERR'}${string}\r\n`;

export function ok(text = ''): Reply {
  return text === '' ? '+OK\r\n' : `+OK ${text}\r\n`;
}

export function err(text: string, code?: ResponseCode): Reply {
  return code === undefined ? `-ERR ${text}\r\n` : `-ERR [${code}] ${text}\r\n`;
}

export const unavailable = err('Temporary failure, try again later', 'SYS/TEMP');
export const noSuchMessage = err('No such message');
