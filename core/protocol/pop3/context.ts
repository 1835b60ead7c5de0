/**
 * What a POP3 session works with, and what its commands see of it. Knows no socket and no AWS:
 * the connection and the ports are handed in.
 */
import type { Logins } from '../../auth/guessing/logins.ts';
import type { Credentials } from '../../auth/sasl/sasl.ts';
import type { Clock } from '../../mail/ports/clock.ts';
import type { Identity } from '../../mail/ports/directory.ts';
import type { Account, Accounts } from '../../service/account/contract.ts';
import type { Connection, TlsSettings } from '../wire/connection.ts';
import type { Maildrop } from './maildrop.ts';

export interface Pop3Deps {
  readonly directory: Logins;
  readonly accounts: Accounts;
  readonly clock: Clock;
  /** Absent: no STLS. */
  readonly tls?: TlsSettings;
  /** Passwords without TLS are taken; for loopback and tests alone. */
  readonly insecureAuth: boolean;
  /** One event per login, refusal, end and failure. Never passwords or mail. */
  readonly onEvent: (event: Pop3Event) => void;
}

export type Pop3Event =
  | { readonly event: 'pop3.login'; readonly remote: string; readonly login: string; readonly tls: boolean }
  | { readonly event: 'pop3.login-refused'; readonly remote: string; readonly login: string }
  | {
      readonly event: 'pop3.end';
      readonly remote: string;
      readonly login?: string;
      readonly reason: 'quit' | 'closed' | 'idle' | 'draining' | 'refused' | 'failed';
      readonly retrieved: number;
      readonly deleted: number;
    }
  /** `count` connections came to no session. */
  | {
      readonly event: 'pop3.turned-away';
      readonly remote: string;
      readonly reason: string;
      readonly count: number;
    }
  | {
      readonly event: 'pop3.failure';
      readonly remote: string;
      readonly doing: string;
      readonly error: unknown;
    };

/** Who is logged in, and to what. */
export interface Transaction {
  readonly identity: Identity;
  readonly account: Account;
  readonly maildrop: Maildrop;
}

/** A session as its commands see it. */
export interface Context {
  readonly deps: Pop3Deps;
  readonly connection: Connection;
  /** The client's address. */
  readonly remote: string;
  /** What USER said, until PASS or STLS. */
  user: string | undefined;
  /** Defined in the TRANSACTION state. */
  transaction: Transaction | undefined;
  loginFailures: number;
  /** Messages sent by RETR. */
  retrieved: number;
  /** Number of the last message that RETR sent; before any, one that no message follows. */
  lastRetrieved: number;
  deleted: number;
  /** Set by the command after which the session ends. */
  ending: 'quit' | 'refused' | 'failed' | undefined;
  /** Verifies and opens the maildrop; answers the client. */
  logIn(credentials: Credentials): Promise<void>;
}

/** Passwords may be sent now. */
export function mayAuthenticate({ connection, deps }: Context): boolean {
  return connection.encrypted || deps.insecureAuth;
}
