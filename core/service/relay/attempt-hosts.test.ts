/** One attempt at several hosts: who is asked next, who is not, and who is left alone. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Attempts, brief, only } from '../../../test/support/relay/attempts.ts';
import type { AttemptPorts } from './attempt.ts';
import { SilentHosts } from './silent-hosts.ts';

let tries: Attempts;
beforeEach(() => {
  tries = new Attempts();
});
afterEach(() => tries.close());

test('a host that cannot be reached is passed over, and a server that drags on is cut off', async () => {
  const gone = await tries.sendToTwo(only('GREETING', 'drop'), {});
  assert.equal(brief(gone.outcomes), 'delivered 2.0.0');
  await gone.one.close();
  assert.equal(brief(await tries.sendByMx(gone.other.port)), 'delivered 2.0.0');
  const slow = await tries.sinkOf(only('MESSAGE', 'hang'));
  assert.equal(brief(await tries.send(slow, { attemptMs: 100 })), 'deferred 4.4.2');
});

test('who is put off by one host is offered to the next one, alone (RFC 5321 5.1)', async () => {
  for (const later of ['451 4.7.1 greylisted', 'drop'])
    for (const stage of ['MAIL', 'RCPT TO:<eve', 'DATA', 'MESSAGE'] as const) {
      if (later === 'drop' && stage === 'MESSAGE') continue;
      const { one, other, outcomes } = await tries.sendToTwo(only(stage, later), {});
      assert.equal(brief(outcomes), 'delivered 2.0.0', `${stage} ${later}`);
      const single = stage.startsWith('RCPT') && later !== 'drop';
      assert.equal(one.messages.length, single ? 1 : 0);
      const asked = other.commands.filter((line) => line.startsWith('RCPT')).length;
      assert.equal(asked, single ? 1 : 2, `${stage} ${later}`);
    }
});

test('a refusal is final at the first host, and so is a message that may have arrived', async () => {
  for (const [stage, answer, expected] of [
    ['RCPT', '550 5.1.1 unknown', 'failed 5.1.1'],
    ['MESSAGE', '554 5.7.1 spam', 'failed 5.7.1'],
    ['MESSAGE', 'drop', 'deferred 4.4.2'],
    ['MESSAGE', 'hang', 'deferred 4.4.1'],
  ] as const) {
    const { other, outcomes } = await tries.sendToTwo(only(stage, answer), {});
    assert.equal(brief(outcomes), expected);
    assert.deepEqual(other.commands, []);
  }
});

test('a host that takes no mail refuses nothing for good while another one may', async () => {
  const never = only('GREETING', '521 5.3.2 never');
  assert.equal(brief((await tries.sendToTwo(never, never)).outcomes), 'failed 5.3.2');
  assert.equal(brief((await tries.sendToTwo(never, {})).outcomes), 'delivered 2.0.0');
  assert.equal(
    brief((await tries.sendToTwo(never, only('MAIL', '451 4.3.0 later'))).outcomes),
    'deferred 4.3.0',
  );
});

test('a host that let the time run out is left alone by those who come next', async () => {
  const silentHosts = new SilentHosts(Date.now, { delaysMs: [60_000] });
  const ports: Partial<AttemptPorts> = { silentHosts };
  const dead = await tries.sinkOf(only('GREETING', 'hang'));
  const living = await tries.sinkOf();
  assert.equal(brief(await tries.send(dead, { ports })), 'deferred 4.4.1');
  const [next] = await tries.send(dead, { ports });
  assert.equal(next?.kind, 'deferred');
  assert.match(next?.reply ?? '', /^localhost \[127\.0\.0\.1\]: it left us waiting a moment ago/);
  assert.equal(dead.connections, 1);
  assert.equal(brief(await tries.send(living, { ports })), 'delivered 2.0.0');
});
