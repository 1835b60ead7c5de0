/**
 * What a command's handler is given, grouped by the state of the connection (RFC 3501 3):
 * a handler for selected state gets a mailbox, and no other can be asked for one.
 */
import type { Logins } from '../../auth/guessing/logins.ts';
import type { Clock, Ids } from '../../mail/ports/clock.ts';
import type { Identity } from '../../mail/ports/directory.ts';
import type { Account, Accounts } from '../../service/account/contract.ts';
import type { TextExtractor } from '../../service/account/text.ts';
import type { Connection, TlsSettings } from '../wire/connection.ts';
import type { IncomingMessage } from './incoming-message.ts';
import type { RecentMarks } from './recent.ts';
import type { ResponseWriter } from './response/writer.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';

/** What the server is made of; shared by all sessions. */
export interface ImapDependencies {
  readonly directory: Logins;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly textOf: TextExtractor;
  readonly recent: RecentMarks;
  /** One event of a session: never bodies, subjects or credentials. */
  log(event: SessionEvent): void;
}

export interface SessionEvent {
  readonly event: 'login' | 'login-refused' | 'failure' | 'bug' | 'end' | 'turned-away';
  readonly session: string;
  readonly remote: string;
  readonly login?: string;
  readonly command?: string;
  readonly reason?: string;
  readonly error?: unknown;
}

export interface SessionSettings {
  /** Undefined: STARTTLS is not offered. */
  readonly tls: TlsSettings | undefined;
  /** Logins without TLS; for a machine that serves itself alone. */
  readonly insecureAuth: boolean;
  readonly maxAppendOctets: number;
}

/** In every state. */
export interface Context {
  readonly deps: ImapDependencies;
  readonly settings: SessionSettings;
  readonly connection: Connection;
  readonly out: ResponseWriter;
  /** Aborts when the server is to end: sessions that wait stop waiting. */
  readonly draining: AbortSignal;
  /** Whether passwords may be sent now. */
  readonly mayLogin: boolean;
  /** What ENABLE has switched on, or a CONDSTORE-enabling command (RFC 7162 3.1). */
  readonly enabled: Set<string>;
  /** The client's IP address. */
  readonly remote: string;
  /** The tag of the command at hand. */
  readonly tag: string;
  readonly authenticated: boolean;
  /** Opened by the first command that needs it. */
  readonly account: Account | undefined;
  /** The selected mailbox, if there is one. */
  readonly selected: SelectedMailbox | undefined;
  /** The data of CAPABILITY as it is now. */
  readonly capability: string;
  /** The literal of the APPEND at hand. */
  readonly message: IncomingMessage | undefined;
  logIn(identity: Identity): void;
  /** Reads the end of the log: afterwards the account's state holds all that was committed before the command came. */
  look(): Promise<void>;
  /** Counts and delays; answers whether the session may try again. */
  loginRefused(login: string): Promise<boolean>;
  /** Notes that a login was not even looked at. */
  loginHeldOff(login: string): void;
  startTls(): Promise<void>;
  /** Does something once the tagged reply has left. */
  afterReply(action: () => Promise<void>): void;
  select(mailbox: SelectedMailbox | undefined): void;
  /** Ends the session once the reply has left. */
  quit(): void;
}

/** After login. */
export interface AuthenticatedContext extends Context {
  readonly identity: Identity;
  readonly account: Account;
}

/** With a mailbox. */
export interface SelectedContext extends AuthenticatedContext {
  readonly selected: SelectedMailbox;
}
