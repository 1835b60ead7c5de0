/**
 * kill -9 at random moments under load: every message that got its 250 is there exactly once, every
 * STORE that got its OK holds. The seed is printed; POSTFOLD_TEST_SEED repeats a run, POSTFOLD_TEST_ROUNDS lengthens it.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { imap, outside } from '../support/clients.ts';
import { alice, bob, type Postfold, startPostfold } from '../support/postfold.ts';
import { seededRandom } from '../support/random.ts';

const seed = Number(process.env.POSTFOLD_TEST_SEED ?? Date.now() % 1_000_000);
const rounds = Number(process.env.POSTFOLD_TEST_ROUNDS ?? 4);

test(`killed ${rounds} times, nothing acknowledged is lost or doubled (seed ${seed})`, {
  timeout: 110_000,
}, async (t) => {
  const random = seededRandom(seed);
  const dataDir = mkdtempSync(join(tmpdir(), 'postfold-kill-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  const promised = { subjects: new Set<string>(), flagged: new Set<string>() };
  let attempted = 0;

  for (let round = 0; round < rounds; round++) {
    const postfold = await startPostfold({ dataDir });
    let running = true;
    const load = [
      ...[0, 1, 2, 3].map(async (worker) => {
        const transport = outside(postfold);
        while (running) {
          const subject = `round ${round} worker ${worker} mail ${attempted++}`;
          const sent = transport.sendMail({
            from: 'a@example.org',
            to: [alice, bob],
            subject,
            text: 'x'.repeat(3000),
          });
          if (await acknowledged(sent)) promised.subjects.add(subject);
        }
      }),
      flagNewMail(postfold, () => running, promised.flagged),
    ];
    await delay(500 + random() * 1500);
    await postfold.kill();
    running = false;
    await Promise.all(load);
  }

  assert.ok(promised.subjects.size > rounds, `only ${promised.subjects.size} messages were acknowledged`);
  assert.ok(promised.flagged.size > 0, 'no STORE was acknowledged');
  const postfold = await startPostfold({ dataDir });
  for (const user of [alice, bob])
    await check(postfold, user, promised.subjects, user === alice ? promised.flagged : new Set());
  assert.equal(await postfold.stop(), 0);
  t.diagnostic(`${promised.subjects.size} messages and ${promised.flagged.size} flags acknowledged`);
});

/** Sets \Flagged on one message after another, and remembers those that were answered OK. */
async function flagNewMail(postfold: Postfold, running: () => boolean, flagged: Set<string>): Promise<void> {
  try {
    const client = await imap(postfold);
    client.on('error', () => {});
    await client.mailboxOpen('INBOX');
    for (let n = 1; running(); ) {
      const found = await client.fetchOne(`${n}`, { envelope: true });
      if (found === false) {
        await client.noop();
        await delay(20);
        continue;
      }
      const done = await client.messageFlagsAdd(`${n}`, ['\\Flagged']);
      if (done && found.envelope?.subject) flagged.add(found.envelope.subject);
      n++;
    }
  } catch {
    // the server was killed under it: what was not answered was not promised
  }
}

async function check(
  postfold: Postfold,
  user: string,
  subjects: Set<string>,
  flagged: Set<string>,
): Promise<void> {
  const client = await imap(postfold, user);
  await client.mailboxOpen('INBOX');
  const found = await client.fetchAll('1:*', { envelope: true, flags: true, size: true });
  const seen = new Map<string, number>();
  for (const { envelope } of found)
    seen.set(envelope?.subject ?? '', (seen.get(envelope?.subject ?? '') ?? 0) + 1);
  for (const subject of subjects)
    assert.equal(seen.get(subject), 1, `${user}: '${subject}' is there ${seen.get(subject) ?? 0} times`);
  for (const [subject, count] of seen)
    assert.equal(count, 1, `${user}: '${subject}' is there ${count} times`);
  for (const { envelope, flags } of found) {
    if (flagged.has(envelope?.subject ?? ''))
      assert.ok(flags?.has('\\Flagged'), `${envelope?.subject} has lost its flag`);
  }
  await client.logout();
}

async function acknowledged(sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch {
    return false;
  }
}
