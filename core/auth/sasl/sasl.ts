/**
 * SASL exchanges as pure values (RFC 4422 5): `begin` and `next` take what the client sent and
 * say what to do now. No I/O and no verification: the caller writes challenges in its protocol's
 * own way and hands the credentials to the directory. Shared by SMTP, POP3 and IMAP.
 */
import { type LoginState, nextLogin } from './login.ts';
import { parsePlain } from './plain.ts';

export const mechanisms = ['PLAIN', 'LOGIN'] as const;
export type Mechanism = (typeof mechanisms)[number];

/** What a client claims. `authorize` is '' or whom it wants to act as (RFC 4422 3.4.1). */
export interface Credentials {
  readonly authorize: string;
  readonly login: string;
  readonly password: string;
}

/** Where an unfinished exchange stands. */
export type SaslState = { readonly mechanism: 'PLAIN' } | LoginState;

export type SaslStep =
  /** Send the challenge (base64 it), read a response, call `next`. */
  | { readonly kind: 'challenge'; readonly challenge: string; readonly state: SaslState }
  /** The client is done; verify these. */
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  /** The client broke the mechanism's syntax; refuse without looking at any password. */
  | { readonly kind: 'malformed'; readonly text: string };

/** Longest response a client may send, octets before base64: three fields of 255 (RFC 4616 2). */
export const maxResponseOctets = 1024;

/** The mechanism of that name, in any case; undefined if it is none of ours. */
export function mechanismNamed(name: string): Mechanism | undefined {
  const upper = name.toUpperCase();
  return mechanisms.find((mechanism) => mechanism === upper);
}

/** Starts an exchange. `initial` is the decoded initial response, undefined when there was none. */
export function begin(mechanism: Mechanism, initial: Buffer | undefined): SaslStep {
  const step = first(mechanism);
  return initial === undefined ? step : next(step.state, initial);
}

/** Goes on with the client's decoded response. */
export function next(state: SaslState, response: Buffer): SaslStep {
  if (response.length > maxResponseOctets) return { kind: 'malformed', text: 'Response too long' };
  return state.mechanism === 'PLAIN' ? parsePlain(response) : nextLogin(state, response);
}

function first(mechanism: Mechanism): Extract<SaslStep, { kind: 'challenge' }> {
  if (mechanism === 'PLAIN') return { kind: 'challenge', challenge: '', state: { mechanism } };
  return { kind: 'challenge', challenge: 'Username:', state: { mechanism, login: undefined } };
}
