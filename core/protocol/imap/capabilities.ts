/**
 * What the server says it can (RFC 3501 6.1.1), derived from the handlers that are there, so
 * that nothing is advertised without its code. At start `assertHandled` checks it once more.
 */
import assert from 'node:assert/strict';
import { mechanisms } from '../../auth/sasl/sasl.ts';
import type { CommandName } from './command.ts';
import type { Handlers } from './handler.ts';

/** Capabilities that need several commands, or none but the parser. */
const needs: Readonly<Record<string, readonly CommandName[]>> = {
  IMAP4rev1: [
    'CAPABILITY',
    'NOOP',
    'LOGOUT',
    'STARTTLS',
    'AUTHENTICATE',
    'LOGIN',
    'SELECT',
    'EXAMINE',
    'CREATE',
    'DELETE',
    'RENAME',
    'SUBSCRIBE',
    'UNSUBSCRIBE',
    'LIST',
    'LSUB',
    'STATUS',
    'APPEND',
    'CHECK',
    'CLOSE',
    'EXPUNGE',
    'SEARCH',
    'FETCH',
    'STORE',
    'COPY',
  ],
  'LITERAL+': [],
  'SASL-IR': ['AUTHENTICATE'],
  UIDPLUS: ['APPEND', 'COPY', 'EXPUNGE'],
  CONDSTORE: ['SELECT', 'FETCH', 'STORE', 'SEARCH', 'STATUS', 'ENABLE'],
  CHILDREN: ['LIST'],
  'SPECIAL-USE': ['LIST'],
};

/** The capabilities after login, in a stable order. */
export function capabilitiesOf(handlers: Handlers): readonly string[] {
  const own = Object.values(handlers).flatMap((handler) => handler.capabilities ?? []);
  return [...Object.keys(needs), ...own];
}

/** Throws when a capability is listed whose commands are missing. */
export function assertHandled(handlers: Handlers): void {
  for (const [capability, commands] of Object.entries(needs)) {
    for (const command of commands) assert.ok(handlers[command], `${capability} needs ${command}`);
  }
}

const beforeLogin = ['IMAP4rev1', 'LITERAL+', 'SASL-IR', 'ID', 'ENABLE'];

/** The CAPABILITY data for the state at hand. */
export function capabilityText(
  all: readonly string[],
  state: { readonly authenticated: boolean; readonly mayLogin: boolean; readonly offersTls: boolean },
): string {
  if (state.authenticated) return `CAPABILITY ${all.join(' ')}`;
  const list = all.filter((name) => beforeLogin.includes(name));
  if (state.offersTls) list.push('STARTTLS');
  // RFC 3501 6.2.3: without protection no password may be asked for.
  if (state.mayLogin) list.push(...mechanisms.map((name) => `AUTH=${name}`));
  else list.push('LOGINDISABLED');
  return `CAPABILITY ${list.join(' ')}`;
}
