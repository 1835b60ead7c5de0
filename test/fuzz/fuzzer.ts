/**
 * The loop: an input is generated or mutated, run, and kept when it reached new code. Coverage is
 * asked for after a batch, because asking costs more than most inputs; when a batch brought news
 * its inputs run once more, one by one.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { attempt } from './attempt.ts';
import { Chance } from './chance.ts';
import type { Coverage } from './coverage.ts';
import { minimised } from './minimise.ts';
import { type Material, mutated, swollen } from './mutate.ts';
import type { Target } from './target.ts';

export interface Finding {
  readonly trouble: string;
  readonly octets: Buffer;
}

export interface FuzzSettings {
  readonly seed: number;
  readonly untilMs: number;
  readonly seeds: readonly Buffer[];
  /** Absent: nothing is kept, inputs come from grammar and seeds alone. */
  readonly coverage?: Coverage;
  /** Inputs of up to 1 MB among the small ones. */
  readonly large: boolean;
  /** Told of each input before it runs. */
  before?(input: Buffer): void;
  onFinding(finding: Finding): void;
}

const batchMs = 100;
const maxBatch = 200;
const largeOneIn = 40;
/** Different things that go wrong, after which there is enough to do. */
const maxFindings = 10;

export class Fuzzer {
  readonly #target: Target;
  readonly #settings: FuzzSettings;
  readonly #chance: Chance;
  readonly corpus: Buffer[];
  readonly findings = new Map<string, Finding>();
  runs = 0;

  constructor(target: Target, settings: FuzzSettings) {
    this.#target = target;
    this.#settings = settings;
    this.#chance = new Chance(settings.seed);
    this.corpus = [...settings.seeds];
  }

  /** Until the time is up, or too much has been found. `performance.now()` counts. */
  async run(): Promise<void> {
    const { coverage, untilMs, seeds } = this.#settings;
    coverage?.start();
    for (const seed of seeds) await this.#try(seed);
    coverage?.broughtNews();
    while (performance.now() < untilMs && this.findings.size < maxFindings) await this.#batch();
    coverage?.stop();
  }

  async #batch(): Promise<void> {
    const { coverage, untilMs } = this.#settings;
    const batch: Buffer[] = [];
    const endMs = Math.min(untilMs, performance.now() + batchMs);
    do {
      const input = this.#next();
      batch.push(input);
      await this.#try(input);
    } while (performance.now() < endMs && batch.length < maxBatch);
    await turn(); // whoever reports how far we are
    if (coverage === undefined) return;
    if (!coverage.isNews()) return;
    for (const input of batch) {
      await this.#try(input);
      if (coverage.broughtNews() && input.length < 20_000) this.corpus.push(input);
    }
  }

  #next(): Buffer {
    const chance = this.#chance;
    const fresh = this.corpus.length === 0 || chance.oneIn(3);
    const input = fresh ? this.#target.generate(chance) : chance.pick(this.corpus);
    const material: Material = { words: this.#target.words, corpus: this.corpus };
    if (this.#settings.large && chance.oneIn(largeOneIn)) return swollen(input, chance, material);
    return fresh && chance.oneIn(3) ? input : mutated(input, chance, material);
  }

  async #try(input: Buffer): Promise<void> {
    this.runs++;
    this.#settings.before?.(input);
    const trouble = await attempt(this.#target, input);
    if (trouble === undefined || this.findings.has(trouble)) return;
    const coverage = this.#settings.coverage;
    coverage?.stop(); // counting slows code down: what is slow only then is no finding
    if ((await attempt(this.#target, input, true)) === trouble) {
      const finding = { trouble, octets: await minimised(this.#target, input, trouble) };
      this.findings.set(trouble, finding);
      this.#settings.onFinding(finding);
    }
    coverage?.start();
  }
}
