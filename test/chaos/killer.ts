/**
 * Kills single Lambdas and whole tasks inside one process: what runs in a killed context gets no call to AWS through any
 * more, as if its machine had gone, at a drawn call, before or after that call was applied.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Cloud, LambdaHandler } from '../../local/cloud.ts';

interface Life {
  /** Calls until death; infinite for what is not chosen. */
  left: number;
  readonly appliesLast: boolean;
  dead: boolean;
  readonly onDeath: () => void;
}

export class Killer {
  readonly #lives = new AsyncLocalStorage<Life>();
  readonly #random: () => number;
  /** Chance that an invocation dies on its way. */
  chance = 0;
  killed = 0;
  running = 0;
  /** Jobs whose relay died, failed or lost its lease, with the time. */
  readonly hurtJobs: { readonly jobId: string; readonly atMs: number }[] = [];

  constructor(cloud: Cloud, random: () => number) {
    this.#random = random;
    const dispatch = cloud.dispatch.bind(cloud);
    cloud.dispatch = async (request) => {
      const life = this.#lives.getStore();
      if (life === undefined) return dispatch(request);
      if (life.dead) throw new Error('the caller was killed');
      if (--life.left > 0) return dispatch(request);
      if (life.appliesLast) await dispatch(request);
      life.dead = true;
      life.onDeath();
      throw new Error('the caller was killed');
    };
    const register = cloud.registerFunction.bind(cloud);
    cloud.registerFunction = (name, handler, options) => register(name, this.#mortal(handler), options);
  }

  /** Runs `work`; after `kill` none of its calls to AWS gets through. */
  mortal<Value>(work: () => Promise<Value>): { readonly started: Promise<Value>; kill(): void } {
    const life: Life = { left: Number.POSITIVE_INFINITY, appliesLast: false, dead: false, onDeath: () => {} };
    return {
      started: this.#lives.run(life, work),
      kill: () => {
        life.dead = true;
      },
    };
  }

  #mortal(handler: LambdaHandler): LambdaHandler {
    return async (event, context) => {
      const dies = this.#random() < this.chance;
      this.running++;
      let die = () => {};
      const death = new Promise<never>((_, reject) => {
        die = () => {
          this.killed++;
          reject(new Error('the function was killed'));
        };
      });
      death.catch(() => {});
      const life: Life = {
        left: dies ? 1 + Math.floor(this.#random() * 7) : Number.POSITIVE_INFINITY,
        appliesLast: this.#random() < 0.5,
        dead: false,
        onDeath: () => die(),
      };
      const work = this.#lives.run(life, () => handler(event, context));
      const settled = work.then((result) => life.dead || hasFailures(result)).catch(() => true);
      void settled.then((hurt) => {
        this.running--;
        if (hurt) for (const jobId of jobsOf(event)) this.hurtJobs.push({ jobId, atMs: Date.now() });
      });
      return Promise.race([work, death]);
    };
  }
}

function hasFailures(result: unknown): boolean {
  const failures = (result as { batchItemFailures?: readonly unknown[] } | undefined)?.batchItemFailures;
  return (failures?.length ?? 0) > 0;
}

/** Jobs named by the wake-ups in an event from the queue. */
function jobsOf(event: unknown): readonly string[] {
  const records = (event as { Records?: readonly { readonly body: string }[] } | undefined)?.Records ?? [];
  return records.map(({ body }) => String((JSON.parse(body) as { jobId?: unknown }).jobId));
}
