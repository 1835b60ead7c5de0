import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resolver } from '../../mail/ports/resolver.ts';
import { zoneResolver } from '../../mail/testing/zone-resolver.ts';
import { judge } from './verdict.ts';

const from = { clientAddress: '192.0.2.1', helo: 'c.test', hostname: 'mx.example.org' };

/** Five policies in a row, each with ten MX names: some fifty questions. */
const names = ['slow.test', '1.slow.test', '2.slow.test', '3.slow.test', '4.slow.test'];
const zone: Record<string, string[]> = { 'TXT _dmarc.slow.test': ['v=DMARC1; p=reject'] };
for (const [at, name] of names.entries()) {
  const next = names[at + 1];
  zone[`TXT ${name}`] = [`v=spf1 mx ${next ? `include:${next}` : ''} -all`];
  zone[`MX ${name}`] = Array.from({ length: 10 }, (_, n) => `10 mx${n}.${name}`);
}

/** Answers as late as it may. */
function slowly(resolver: Resolver, clock: { nowMs: number; asked: number }): Resolver {
  const late =
    <Answer>(ask: (name: string) => Promise<Answer>) =>
    (name: string) => {
      clock.nowMs += 5000;
      clock.asked += 1;
      return ask(name);
    };
  return {
    resolve4: late(resolver.resolve4),
    resolve6: late(resolver.resolve6),
    resolveMx: late(resolver.resolveMx),
    resolveTxt: late(resolver.resolveTxt),
    resolvePtr: late(resolver.resolvePtr),
    resolveCname: late(resolver.resolveCname),
  };
}

test('a DNS that answers as late as it can does not keep us: the rest is not asked, and the mail waits', async () => {
  const clock = { nowMs: 0, asked: 0 };
  const verdict = await judge(
    Buffer.from('From: <x@slow.test>\r\n\r\nx\r\n'),
    { ...from, reversePath: 'x@slow.test' },
    slowly(zoneResolver(zone), clock),
    () => clock.nowMs,
  );
  assert.equal(verdict.action, 'defer');
  assert.ok(clock.asked <= 8, `${clock.asked} questions`);
});
