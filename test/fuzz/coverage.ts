/**
 * Which blocks of the project's own code an input has reached, by V8's precise coverage of this
 * thread. V8 names the blocks that were not reached; news is whatever leaves that set.
 */
import { Session } from 'node:inspector';
import { pathToFileURL } from 'node:url';

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[] }[];
}

interface Known {
  /** Ranges that nothing has reached, when the function itself was. */
  readonly unreached: readonly Range[];
}

const root = pathToFileURL(`${import.meta.dirname}/../..`).href;
const ours = [`${root}/core/`, `${root}/local/dynamodb/expression/`, `${root}/local/dynamodb/values`];

export class Coverage {
  readonly #session = new Session();
  readonly #known = new Map<string, Known>();
  #collecting = false;

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
  }

  /** Blocks and call counts that were news so far. */
  news = 0;

  start(): void {
    if (this.#collecting) return;
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    this.#collecting = true;
    this.#take();
  }

  /** Without it code runs at full speed. */
  stop(): void {
    this.#session.post('Profiler.stopPreciseCoverage');
    this.#collecting = false;
  }

  close(): void {
    this.stop();
    this.#session.disconnect();
  }

  /** Whether what has run since the last call reached something new; it stays new. */
  isNews(): boolean {
    return this.#ran().some(([key, now]) => isNew(this.#known.get(key), now));
  }

  /** The same, and it is known from now on. */
  broughtNews(): boolean {
    const before = this.news;
    for (const [key, now] of this.#ran()) {
      const known = this.#known.get(key);
      if (!isNew(known, now)) continue;
      this.#known.set(key, together(known, now));
      this.news++;
    }
    return this.news > before;
  }

  #ran(): readonly (readonly [string, Known])[] {
    return this.#take()
      .filter(({ url }) => ours.some((folder) => url.startsWith(folder)))
      .flatMap(({ url, functions }) => functions.flatMap(({ ranges }) => reached(url, ranges)));
  }

  #take(): readonly ScriptCoverage[] {
    let taken: readonly ScriptCoverage[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error === null) taken = answer.result;
    });
    return taken;
  }
}

function reached(url: string, [whole, ...inner]: readonly Range[]): readonly (readonly [string, Known])[] {
  if (whole === undefined || whole.count === 0) return [];
  return [[`${url}:${whole.startOffset}`, { unreached: inner.filter(({ count }) => count === 0) }]];
}

function isNew(known: Known | undefined, now: Known): boolean {
  if (known === undefined) return true;
  return octetsOf(together(known, now).unreached) < octetsOf(known.unreached);
}

function together(known: Known | undefined, now: Known): Known {
  if (known === undefined) return now;
  return { unreached: known.unreached.flatMap((range) => overlaps(range, now.unreached)) };
}

/** The parts of `range` that lie in one of `others`. */
function overlaps(range: Range, others: readonly Range[]): readonly Range[] {
  return others
    .map((other) => ({
      startOffset: Math.max(range.startOffset, other.startOffset),
      endOffset: Math.min(range.endOffset, other.endOffset),
      count: 0,
    }))
    .filter(({ startOffset, endOffset }) => startOffset < endOffset);
}

function octetsOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { startOffset, endOffset }) => sum + endOffset - startOffset, 0);
}
