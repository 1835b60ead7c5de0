/**
 * A reply as a value (RFC 5321 4.2), with its enhanced status code (RFC 3463, RFC 2034).
 * A refusal is a reply like any other; nothing is thrown.
 */

export interface Reply {
  readonly code: number;
  /** '' where RFC 2034 3 wants none: greeting, EHLO, 3xx. */
  readonly status: string;
  readonly lines: readonly string[];
  /** What the session does once the reply is written. */
  readonly after?: 'close' | 'start-tls';
  /** Whoever made it has told the log of it already. */
  readonly logged?: boolean;
}

/** Text is one line; everything but printable ASCII in it becomes '?', so that no text can forge a line. */
export function reply(code: number, status: string, text: string): Reply {
  return { code, status, lines: [printable(text)] };
}

/** As `reply`, and the connection is closed after it. */
export function farewell(code: number, status: string, text: string): Reply {
  return { ...reply(code, status, text), after: 'close' };
}

/**
 * To a command with a bare CR or LF. Whoever takes that for a line end and whoever does not see other
 * commands behind it (RFC 5321 2.3.8), so none is run.
 */
export const bareLineEnd = farewell(521, '5.5.2', 'Bare CR or LF; lines end with CRLF');

/** 4xx and 5xx. */
export function isRefusal({ code }: Reply): boolean {
  return code >= 400;
}

/** On the wire: every line has the code and the status (RFC 2034 4). */
export function encodeReply({ code, status, lines }: Reply): string {
  const prefix = status === '' ? '' : `${status} `;
  const last = lines.length - 1;
  return lines.map((text, at) => `${code}${at === last ? ' ' : '-'}${prefix}${text}\r\n`).join('');
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 400);
}
