/** Status responses as values (RFC 3501 7.1): what a command comes to, and its form on the wire. */

export interface Status {
  readonly kind: 'OK' | 'NO' | 'BAD' | 'BYE';
  /** Response code without brackets, `READ-ONLY` or `COPYUID 1 2 3`. */
  readonly code: string | undefined;
  readonly text: string;
}

/** The command did what it should. */
export function ok(text: string, code?: string): Status {
  return { kind: 'OK', code, text };
}

/** The command was understood and refused; `code` tells the client why (RFC 5530). */
export function no(code: string | undefined, text: string): Status {
  return { kind: 'NO', code, text };
}

/** The command was not understood, or does not belong here. */
export function bad(text: string, code?: string): Status {
  return { kind: 'BAD', code, text };
}

/** `OK [CODE] text`, without tag and CRLF. A text may hold a name of the user's: what is not printable ASCII becomes '?'. */
export function formatStatus({ kind, code, text }: Status): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return code === undefined ? `${kind} ${printable}` : `${kind} [${code}] ${printable}`;
}
