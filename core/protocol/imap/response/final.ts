/** Which failures end a session without a word. Knows no command. */
import { ConnectionEnded } from '../../wire/connection.ts';
import { ResponseBroken } from './writer.ts';

/** Nothing more can be said: the peer is gone, be it in the middle of what a store was reading from it. */
export function isFinal(error: unknown): boolean {
  if (error instanceof ConnectionEnded || error instanceof ResponseBroken) return true;
  return error instanceof Error && error.cause instanceof ConnectionEnded;
}
