/**
 * SASL LOGIN: the prompts `Username:` and `Password:`, one response each. Obsolete and never
 * standardised (draft-murchison-sasl-login), but old clients know nothing else.
 */
import type { SaslStep } from './sasl.ts';
import { decodeUtf8 } from './utf8.ts';

export interface LoginState {
  readonly mechanism: 'LOGIN';
  /** What the client answered to the first prompt. */
  readonly login: string | undefined;
}

/** The second prompt, or the credentials after it. */
export function nextLogin(state: LoginState, response: Buffer): SaslStep {
  const text = decodeUtf8(response);
  if (text === undefined || text === '' || text.includes('\0')) {
    return { kind: 'malformed', text: 'LOGIN response must be UTF-8 without NUL' };
  }
  if (state.login === undefined) {
    return { kind: 'challenge', challenge: 'Password:', state: { mechanism: 'LOGIN', login: text } };
  }
  return { kind: 'credentials', credentials: { authorize: '', login: state.login, password: text } };
}
