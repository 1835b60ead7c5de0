/**
 * SASL PLAIN (RFC 4616): one response, `[authzid] NUL authcid NUL passwd` in UTF-8.
 * Knows nothing of who may log in.
 */
import type { SaslStep } from './sasl.ts';
import { decodeUtf8 } from './utf8.ts';

/** The credentials in a PLAIN response; each part must be valid UTF-8, login and password not empty. */
export function parsePlain(response: Buffer): SaslStep {
  const text = decodeUtf8(response);
  if (text === undefined) return malformed('PLAIN response is not UTF-8');
  const [authorize, login, password, ...more] = text.split('\0');
  if (authorize === undefined || login === undefined || password === undefined || more.length > 0) {
    return malformed('PLAIN response must have two NULs');
  }
  if (login === '' || password === '') return malformed('PLAIN response without login or password');
  return { kind: 'credentials', credentials: { authorize, login, password } };
}

function malformed(text: string): SaslStep {
  return { kind: 'malformed', text };
}
