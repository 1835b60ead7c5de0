/** Times in milliseconds as they come, and their percentiles since they were last asked for. */

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly most: number;
}

export class Latencies {
  #minute: number[] = [];
  readonly #all: number[] = [];

  add(ms: number): void {
    this.#minute.push(ms);
    this.#all.push(ms);
  }

  /** Of what came since the last call. */
  sinceLast(): Percentiles {
    const taken = this.#minute;
    this.#minute = [];
    return percentiles(taken);
  }

  all(): Percentiles {
    return percentiles(this.#all);
  }
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1) };
}
