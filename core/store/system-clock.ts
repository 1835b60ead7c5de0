/** The machine's clock. Its timers do not keep a process alive. */
import type { Clock } from '../mail/ports/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
