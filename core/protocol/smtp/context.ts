/**
 * What the commands of one session share: who is there, how far the dialogue has come. Made by
 * the session, changed by commands through the few functions below.
 */
import type { Clock } from '../../mail/ports/clock.ts';
import type { Identity } from '../../mail/ports/directory.ts';
import type { Connection } from '../wire/connection.ts';
import type { SmtpBackend, SmtpClient, SmtpTransaction } from './backend.ts';
import type { Reply } from './reply.ts';
import type { SmtpSettings } from './settings.ts';

export interface Helo {
  readonly name: string;
  readonly extended: boolean;
}

/** A transaction that MAIL has opened. */
export interface OpenTransaction {
  readonly transaction: SmtpTransaction;
  /** Canonical; '' is the null reverse-path. */
  readonly reversePath: string;
  readonly smtpUtf8: boolean;
  /** Canonical addresses accepted so far. */
  readonly recipients: Set<string>;
}

export interface SmtpContext {
  readonly settings: SmtpSettings;
  readonly backend: SmtpBackend;
  readonly clock: Clock;
  readonly connection: Connection;
  readonly remoteAddress: string;
  readonly observe: (event: SmtpEvent) => void;
  helo: Helo | undefined;
  identity: Identity | undefined;
  open: OpenTransaction | undefined;
  authFailures: number;
  /** Writes what is held back, then this, at once. */
  send(text: string): Promise<void>;
}

/** What a session tells whoever keeps the log. */
export type SmtpEvent =
  | { readonly kind: 'auth'; readonly login: string; readonly accepted: boolean }
  | {
      readonly kind: 'refused';
      /** '?' for what is no command of ours: it may be a password that was sent at the wrong time. */
      readonly verb: string;
      /** The argument of EHLO, HELO, MAIL and RCPT; '' for the others. */
      readonly said: string;
      /** The reverse-path of the open transaction. */
      readonly from: string | undefined;
      readonly reply: Reply;
    }
  | {
      readonly kind: 'message';
      readonly reply: Reply;
      readonly helo: string;
      readonly protocol: string;
      /** Who submitted it. */
      readonly login: string | undefined;
      readonly octets: number;
      readonly from: string;
      /** The first few of them. */
      readonly to: readonly string[];
      readonly recipients: number;
    }
  | { readonly kind: 'failure'; readonly verb: string; readonly error: unknown }
  /** `after`: the last command, '' when there was none, '?' when it was none of ours. */
  | { readonly kind: 'ended'; readonly reason: EndReason; readonly after: string };

/** `sent away`: a reply of ours ended it. `closed`: the peer hung up. */
export type EndReason = 'quit' | 'sent away' | 'draining' | 'closed' | 'idle' | 'bug';

/** Where the dialogue stands; decides which commands are in order. */
export type State = 'connected' | 'greeted' | 'mail' | 'recipients';

export function stateOf({ helo, open }: SmtpContext): State {
  if (!helo) return 'connected';
  if (!open) return 'greeted';
  return open.recipients.size === 0 ? 'mail' : 'recipients';
}

/** The client as trace headers name it (RFC 3848; RFC 6531 4.3 for the UTF8 forms). */
export function clientOf(context: SmtpContext, smtpUtf8: boolean): SmtpClient {
  const { connection, helo, identity, remoteAddress } = context;
  const base = smtpUtf8 ? 'UTF8SMTP' : helo?.extended ? 'ESMTP' : 'SMTP';
  const suffix = base === 'SMTP' ? '' : `${connection.encrypted ? 'S' : ''}${identity ? 'A' : ''}`;
  const cipher = connection.cipher;
  return {
    address: remoteAddress,
    helo: helo?.name ?? '',
    protocol: `${base}${suffix}`,
    ...(cipher === undefined ? {} : { tls: cipher }),
  };
}

/** Whether AUTH is to be had now (RFC 4954 3, RFC 8314 3.3). */
export function authAllowed({ settings, connection, identity }: SmtpContext): boolean {
  if (identity || (settings.mode === 'mx' && !settings.authOnMx)) return false;
  return connection.encrypted || settings.insecureAuth === true;
}
