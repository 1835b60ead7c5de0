/** Where a password comes from: standard input or a person, never an argument, which every process can see. */
import type { Io } from './io.ts';
import { type Options, UsageError } from './leaf.ts';

/** Throws UsageError when there is none to be had. */
export async function readPassword(options: Options, io: Io): Promise<string> {
  if (options.passwordStdin === true) {
    const line = await io.firstLine();
    if (line === undefined) throw new UsageError('standard input is empty: the password belongs there');
    return line;
  }
  const first = await io.askHidden('Password: ');
  if (first === undefined) throw new UsageError('no terminal to ask for a password: use --password-stdin');
  if (first !== (await io.askHidden('Again: '))) throw new UsageError('the two passwords differ');
  return first;
}
