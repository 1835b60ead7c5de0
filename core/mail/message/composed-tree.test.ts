// Seeded random part trees, composed with known offsets: the indexer must find exactly them.
// Boundaries are prefixes of each other, bodies hold lines that look like delimiters.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { indexMessage } from './index-message.ts';
import { decodeParts, encodeParts } from './parts-codec.ts';
import { resolveSection } from './sections.ts';
import type { PartNode } from './types.ts';

interface Expected {
  readonly type: string;
  readonly headerStart: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  readonly lines: number;
  readonly children: readonly Expected[];
}

const MAX_LEVELS = 5;
const LINES = [
  '',
  'text',
  '--',
  '-- ',
  '--b',
  '--bx',
  '--b--x',
  ' --b1',
  'Content-Type: text/html',
  '-',
  'ü',
];

class Composer {
  text = '';
  readonly #below: (n: number) => number;
  readonly #eol: string;
  #boundaries = 0;

  constructor(below: (n: number) => number) {
    this.#below = below;
    this.#eol = below(4) === 0 ? '\n' : '\r\n';
  }

  /** A part with its header; whoever called it writes the delimiter after it. */
  part(level: number, inDigest: boolean): Expected {
    const headerStart = this.text.length;
    const kind = level >= MAX_LEVELS ? 0 : this.#below(5);
    if (this.#below(3) === 0) this.#line('X-Folded: a', ' b');
    if (kind === 3) return this.#multipart(level, headerStart);
    if (kind === 4) return this.#message(level, headerStart, inDigest);
    const type = ['text/plain', 'text/html', 'image/png'][kind] ?? '';
    // In a digest what says nothing is a message, so say it.
    if (type !== 'text/plain' || inDigest || this.#below(2) === 0) this.#line(`content-type: ${type}`);
    this.#line('');
    const bodyStart = this.text.length;
    // A body is never empty: with the empty line before it, its end would be a matter of taste.
    this.text += `x${this.#lines().join(this.#eol)}`;
    return this.#expected(type, headerStart, bodyStart, []);
  }

  #multipart(level: number, headerStart: number): Expected {
    // b, b1, b12, b123 ...: each a prefix of the next, so the outer ones are prefixes of the inner.
    const boundary = `b${'123456789'.repeat(9).slice(0, this.#boundaries++)}`;
    const digest = this.#below(4) === 0;
    this.#line(`Content-Type: multipart/${digest ? 'digest' : 'mixed'};`, `\tboundary="${boundary}"`, '');
    const bodyStart = this.text.length;
    if (this.#below(2) === 0) this.#line('preamble', '--b0');
    const children: Expected[] = [];
    for (let count = 1 + this.#below(3); count > 0; count--) {
      this.#line(`--${boundary}${' '.repeat(this.#below(3))}`);
      children.push(this.part(level + 1, digest));
      this.text += this.#eol;
    }
    // The close delimiter, with or without an epilogue; the next line break is not ours.
    this.text += `--${boundary}--${this.#below(2) === 0 ? `${this.#eol}--${boundary}${this.#eol}epilogue` : ''}`;
    return this.#expected(digest ? 'multipart/digest' : 'multipart/mixed', headerStart, bodyStart, children);
  }

  #message(level: number, headerStart: number, inDigest: boolean): Expected {
    if (!inDigest || this.#below(2) === 0) this.#line('Content-Type: message/rfc822');
    this.#line('');
    const bodyStart = this.text.length;
    this.#line('Subject: embedded');
    const start = this.text.length;
    const inner = this.part(level + 1, false);
    assert.equal(inner.headerStart, start);
    return this.#expected('message/rfc822', headerStart, bodyStart, [{ ...inner, headerStart: bodyStart }]);
  }

  #expected(type: string, headerStart: number, bodyStart: number, children: readonly Expected[]): Expected {
    const bodyEnd = this.text.length;
    const counts = type.startsWith('text/') || type === 'message/rfc822';
    const lines = counts ? this.text.slice(bodyStart).split('\n').length - 1 : 0;
    return { type, headerStart, bodyStart, bodyEnd, lines, children };
  }

  #line(...lines: readonly string[]): void {
    for (const line of lines) this.text += line + this.#eol;
  }

  #lines(): string[] {
    // "--b" alone is a delimiter once the first boundary is open.
    const safe = LINES.filter((line) => this.#boundaries === 0 || line !== '--b');
    return Array.from({ length: this.#below(6) }, () => safe[this.#below(safe.length)] ?? '');
  }
}

function found(part: PartNode): Expected {
  const { headerStart, bodyStart, bodyEnd, lines } = part;
  const type = `${part.type}/${part.subtype}`;
  return { type, headerStart, bodyStart, bodyEnd, lines, children: part.children.map(found) };
}

test('composed trees are found as they were composed', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
  const rounds = Number(process.env.ROUNDS ?? 800);
  for (let round = 0; round < rounds; round++) {
    const composer = new Composer(random(seed + round));
    const expected = composer.part(0, false);
    const { parts } = indexMessage(Buffer.from(composer.text, 'latin1'));
    const hint = `SEED=${seed + round} ROUNDS=1\n${composer.text}`;
    assert.deepEqual(found(parts), expected, hint);
    assert.deepEqual(found(decodeParts(encodeParts(parts))), expected, hint);
    assert.deepEqual(resolveSection(parts, ''), { start: 0, end: composer.text.length });
  }
});

/** A linear congruential generator: its high bits are good enough here. */
function random(seed: number): (below: number) => number {
  let state = BigInt(seed) * 2_654_435_761n;
  return (below) => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & 0xffff_ffff_ffff_ffffn;
    return Number((state >> 33n) % BigInt(below));
  };
}
