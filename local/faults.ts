/**
 * Faults on demand, drawn from a seed: throttles, 500s, answers lost after the work was
 * done, timeouts, SQS messages delivered twice, and AWS-like latencies. Decides only; the
 * dispatcher acts on what is drawn.
 */
import type { Identity } from './identify.ts';
import { drawLatencyMs } from './latencies.ts';

export type BreakingFault = 'throttle' | 'error' | 'conflict' | 'lost' | 'timeout';

export interface FaultRule {
  /**
   * throttle: the service's own throttling error, nothing applied. error: a 500, nothing applied.
   * conflict: S3's 409 of a conditional write in a race, DynamoDB's of a transaction; nothing applied.
   * lost: applied, then the connection breaks. timeout: not applied, the connection breaks after
   * `delayMs`. latency: `delayMs` more. duplicate: a received SQS message stays visible.
   */
  readonly kind: BreakingFault | 'latency' | 'duplicate';
  readonly service?: Identity['service'];
  /** Exact operation name, for example `PutItem`; every operation when left out. */
  readonly operation?: string;
  /** Chance per matching call, 0..1; 1 when neither this nor `nth` is given. */
  readonly probability?: number;
  /** Only the nth matching call after the rule was added, counted from 1. */
  readonly nth?: number;
  /** At most this often. */
  readonly times?: number;
  readonly delayMs?: number;
}

export interface DrawnFault {
  readonly kind?: BreakingFault;
  readonly delayMs: number;
}

interface ActiveRule {
  readonly rule: FaultRule;
  seen: number;
  injected: number;
}

const NONE: DrawnFault = { delayMs: 0 };
const DEFAULT_TIMEOUT_MS = 1000;
/** The operations that can lose a race on AWS. */
const CONFLICTING = new Set([
  'PutObject',
  'CompleteMultipartUpload',
  'TransactWriteItems',
  'TransactGetItems',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
]);

export class Faults {
  readonly #rules = new Set<ActiveRule>();
  readonly #random: () => number;
  #latencies = false;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Adds a rule; the returned function removes it and tells how often it struck. */
  add(rule: FaultRule): () => number {
    const active: ActiveRule = { rule, seen: 0, injected: 0 };
    this.#rules.add(active);
    return () => {
      this.#rules.delete(active);
      return active.injected;
    };
  }

  /** Switches typical AWS latencies on or off; off at the start. */
  setLatencies(on: boolean): void {
    this.#latencies = on;
  }

  clear(): void {
    this.#rules.clear();
    this.#latencies = false;
  }

  /** What shall happen to this call. The first rule that breaks the call wins; delays add up. */
  draw(identity: Identity): DrawnFault {
    if (this.#rules.size === 0 && !this.#latencies) return NONE;
    let delayMs = this.#latencies ? drawLatencyMs(identity, this.#random) : 0;
    for (const active of this.#rules) {
      const { kind } = active.rule;
      if (kind === 'duplicate' || !this.#strikes(active, identity)) continue;
      delayMs += active.rule.delayMs ?? (kind === 'timeout' ? DEFAULT_TIMEOUT_MS : 0);
      if (kind !== 'latency') return { kind, delayMs };
    }
    return { delayMs };
  }

  /** Whether the SQS message about to be received shall be delivered once more. */
  duplicates(): boolean {
    const identity: Identity = { service: 'sqs', operation: 'ReceiveMessage' };
    for (const active of this.#rules) {
      if (active.rule.kind === 'duplicate' && this.#strikes(active, identity)) return true;
    }
    return false;
  }

  #strikes(active: ActiveRule, identity: Identity): boolean {
    const { rule } = active;
    if (rule.service !== undefined && rule.service !== identity.service) return false;
    if (rule.operation !== undefined && rule.operation !== identity.operation) return false;
    if (active.injected >= (rule.times ?? Number.POSITIVE_INFINITY)) return false;
    if (rule.kind === 'conflict' && !CONFLICTING.has(identity.operation)) return false;
    active.seen += 1;
    if (rule.nth !== undefined && active.seen !== rule.nth) return false;
    if (rule.probability !== undefined && this.#random() >= rule.probability) return false;
    active.injected += 1;
    return true;
  }
}

/** A small generator (mulberry32's recurrence): the same seed gives the same faults. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
