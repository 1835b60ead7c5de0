/**
 * A command line as keyword and arguments. Keywords know no case, arguments are separated by
 * one space (RFC 1939 3); what PASS says is one argument, spaces and all (RFC 1939 7).
 */
import { decodeUtf8 } from '../../auth/sasl/utf8.ts';
import type { Line } from '../wire/connection.ts';

export interface Command {
  /** Upper case. */
  readonly keyword: string;
  /** All after the first space, as it came. */
  readonly rest: string;
  /** `rest` cut at spaces; empty when there was nothing. */
  readonly args: readonly string[];
}

/** The command, or what is wrong with the line. Control characters have no place in any command. */
export function parseCommand(line: Line): Command | { readonly wrong: string } {
  if (line.kind === 'too-long') return { wrong: 'Line too long' };
  if (line.octets.includes(0)) return { wrong: 'NUL in command' };
  const text = decodeUtf8(line.octets);
  if (text === undefined) return { wrong: 'Command is not UTF-8' };
  if (/\p{Cc}/u.test(text)) return { wrong: 'Control character in command' };
  const space = text.indexOf(' ');
  const keyword = (space < 0 ? text : text.slice(0, space)).toUpperCase();
  const rest = space < 0 ? '' : text.slice(space + 1);
  const args = rest === '' ? [] : rest.replace(/ +$/, '').split(' ');
  return { keyword, rest, args };
}

/** A message number or a count: digits alone, at most ten. */
export function parseNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
