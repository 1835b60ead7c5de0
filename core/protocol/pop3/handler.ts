/** A command of POP3: its keyword, the state it belongs to, how many arguments it takes, what it does. */
import type { Command } from './command.ts';
import type { Context, Transaction } from './context.ts';

interface Common {
  readonly keyword: string;
  /** Least and most arguments; others are refused before the handler runs. */
  readonly args: readonly [number, number];
}

/** Answers the client itself, by `context.connection`. */
export type Handler = Common &
  (
    | { readonly state: 'authorization' | 'any'; run(context: Context, command: Command): Promise<void> }
    | {
        readonly state: 'transaction';
        run(context: Context, command: Command, transaction: Transaction): Promise<void>;
      }
  );
