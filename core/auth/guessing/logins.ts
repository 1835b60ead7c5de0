/**
 * Logins as the servers ask for them: the directory's verdict, unless there was too much
 * guessing. One for all sessions and protocols of a process. Knows no protocol.
 */
import type { Clock } from '../../mail/ports/clock.ts';
import type { Directory, Identity } from '../../mail/ports/directory.ts';
import { GuessingLimiter } from './guessing-limiter.ts';

/** Too many wrong passwords came from there: the pair was not looked at, come again in a while. */
export type HeldOff = 'held-off';

export interface Logins {
  /** `remote` is the client's IP address. Undefined for a wrong pair. Throws what the directory throws. */
  authenticate(login: string, password: string, remote: string): Promise<Identity | HeldOff | undefined>;
}

export interface GuardedDirectory extends Omit<Directory, 'authenticate'>, Logins {}

/** The directory with its logins behind a limiter. */
export function guardLogins(
  directory: Directory,
  clock: Clock,
  limiter: GuessingLimiter = new GuessingLimiter(),
): GuardedDirectory {
  return {
    resolve: (address) => directory.resolve(address),
    mayUse: (identity, address) => directory.mayUse(identity, address),
    domain: (name) => directory.domain(name),
    authenticate: async (login, password, remote) => {
      const admission = limiter.admit(remote, login, clock.now());
      if (admission.kind === 'held-off') return 'held-off';
      if (admission.delayMs > 0) await wait(clock, admission.delayMs);
      const identity = await directory.authenticate(login, password);
      if (identity) limiter.succeeded(remote, login, clock.now());
      else limiter.failed(remote, login, clock.now());
      return identity;
    },
  };
}

function wait(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
