/** Functions run at a fixed interval, as an EventBridge schedule runs them. */
import type { Clock } from '../types.ts';

export interface Schedule {
  readonly functionName: string;
  readonly everyMs: number;
  readonly input: unknown;
}

export class Schedules {
  readonly #clock: Clock;
  readonly #invoke: (functionName: string, input: unknown) => Promise<void>;
  readonly #schedules: Schedule[] = [];
  readonly #timers = new Map<Schedule, () => void>();
  #closed = false;

  constructor(clock: Clock, invoke: (functionName: string, input: unknown) => Promise<void>) {
    this.#clock = clock;
    this.#invoke = invoke;
  }

  /** First run after `everyMs`, then at that interval, whether or not the last run ended. */
  add(schedule: Schedule): void {
    this.#schedules.push(schedule);
    this.#arm(schedule);
  }

  /** Runs every schedule once, now, and resolves when all have ended. */
  async tickNow(): Promise<void> {
    await Promise.all(this.#schedules.map(({ functionName, input }) => this.#invoke(functionName, input)));
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
  }

  #arm(schedule: Schedule): void {
    if (this.#closed) return;
    const fire = () => {
      this.#arm(schedule);
      void this.#invoke(schedule.functionName, schedule.input);
    };
    this.#timers.set(schedule, this.#clock.after(schedule.everyMs, fire));
  }
}
