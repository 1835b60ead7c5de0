/** One command line as verb and argument (RFC 5321 4.1.1). Text in, values out. */
import { isUtf8 } from 'node:buffer';

export interface CommandLine {
  /** In capitals; 1 to 20 letters. */
  readonly verb: string;
  /** Without the blanks around it; '' if there is none. */
  readonly argument: string;
}

const shape = /^([A-Za-z]{1,20})(?: +([^\x00-\x1f\x7f]*))? *$/;

/** Undefined for what is no command: control characters, invalid UTF-8, no verb. */
export function parseCommandLine(octets: Buffer): CommandLine | undefined {
  if (!isUtf8(octets)) return undefined;
  const match = shape.exec(octets.toString('utf8'));
  const verb = match?.[1];
  return verb === undefined ? undefined : { verb: verb.toUpperCase(), argument: (match?.[2] ?? '').trim() };
}
