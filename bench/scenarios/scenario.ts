/** One thing to measure: on which servers it can run, how it runs, and what Postfold should reach against whom. */
import type { MailMaker } from '../mail.ts';
import type { Sample } from '../measure.ts';
import type { Server } from '../servers/server.ts';

export interface Context {
  readonly mail: MailMaker;
  /** How long one run lasts. */
  readonly seconds: number;
}

/** Postfold's rate and thrift as multiples of the peer's: 1.5 is half as much again. */
export interface Target {
  readonly peer: string;
  readonly atLeast: number;
}

/** A mailbox of the reader that is filled before anything runs. */
export interface Box {
  readonly mailbox: string;
  readonly count: number;
  /** Of each message; absent: an ordinary mix. */
  readonly octets?: number;
}

export interface Scenario {
  /** `--only` picks by parts of it. */
  readonly name: string;
  /** Whether the server speaks what it takes. */
  readonly runsOn: (server: Server) => boolean;
  readonly run: (server: Server, context: Context) => Promise<Sample>;
  readonly targets?: readonly Target[];
  /** What the median latency of Postfold should stay under. */
  readonly withinMs?: number;
  /** What it works on. */
  readonly box?: Box;
}

/** Postfix is not measured by what the Dovecot behind it does anyway. */
export function speaksImap(server: Server): boolean {
  return server.imap !== undefined && !server.name.startsWith('postfix');
}
