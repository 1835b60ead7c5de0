import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DnsAnswer, Resolver } from '../mail/ports/resolver.ts';
import { dnsAnswers, noDnsResolver } from './dns-resolver.ts';

const answering = (answer: DnsAnswer<string>): Resolver => ({
  ...noDnsResolver(),
  resolveTxt: async () => answer,
});

test('a DNS that denies com, or does not answer, does not know the world', async () => {
  assert.equal(await dnsAnswers(answering({ kind: 'no-data' })), true);
  assert.equal(await dnsAnswers(answering({ kind: 'no-name' })), false);
  assert.equal(await dnsAnswers(noDnsResolver()), false);
});
