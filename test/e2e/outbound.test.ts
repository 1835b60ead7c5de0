/** Mail for other domains: retried on schedule, a warning, a bounce at expiry; delivered once when the server comes up in time. */
import assert from 'node:assert/strict';
import { on } from 'node:events';
import { after, test } from 'node:test';
import { imap, submission } from '../support/clients.ts';
import { alice, bob, freePort, postfoldFor, runPostfold } from '../support/postfold.ts';
import { startSink } from '../support/sink.ts';

const [latePort, neverPort] = [await freePort(), await freePort()];
const sink = await startSink(0, (command) =>
  /TO:<refused@/.test(command) ? '550 5.1.1 no such user' : undefined,
);
after(() => sink.close());
const routes = [
  ...['--route', `up.example=127.0.0.1:${sink.port}`],
  ...['--route', `late.example=127.0.0.1:${latePort}`],
  ...['--route', `never.example=127.0.0.1:${neverPort}`],
];
const postfold = await postfoldFor(after, {
  options: [...routes, '--retry', '1s,2s,2s', '--warn', '3s', '--expire', '9s'],
});

/** Waits until the mailbox has a message whose subject matches, and gives its source. */
async function arrival(user: string, subject: RegExp): Promise<string> {
  const client = await imap(postfold, user);
  try {
    const arrivals = on(client, 'exists');
    await client.mailboxOpen('INBOX');
    for (;;) {
      const found =
        client.mailbox && client.mailbox.exists > 0
          ? await client.fetchAll('1:*', { envelope: true, source: true })
          : [];
      const match = found.find(({ envelope }) => subject.test(envelope?.subject ?? ''));
      if (match?.source) return match.source.toString('latin1');
      void client.idle();
      await arrivals.next();
    }
  } finally {
    client.close();
  }
}

test('a message for a server that is up leaves once, signed as the envelope says', async () => {
  await submission(postfold).sendMail({
    from: alice,
    to: 'x@up.example',
    subject: 'hello there',
    text: 'hi',
  });
  await sink.until(1);
  const [message] = sink.taken;
  assert.match(message?.from ?? '', /<alice@example\.test>/);
  assert.match(message?.text ?? '', /^Subject: hello there$/m);
  assert.match(message?.text ?? '', /^Received: from .*\s+by mail\.example\.test with ESMTPSA /ms);
  assert.doesNotMatch(message?.text ?? '', /^Return-Path:/m);
});

test('a permanent refusal comes back as a DSN, the other recipient still gets the mail', async () => {
  await submission(postfold).sendMail({
    from: alice,
    to: ['refused@up.example', 'fine@up.example'],
    subject: 'mixed',
    text: 'hi',
  });
  await sink.until(2);
  assert.match(sink.taken[1]?.to.join() ?? '', /fine@up\.example/);
  const dsn = await arrival(alice, /undeliver|fail|returned/i);
  assert.match(dsn, /^Return-Path: <>/m);
  assert.match(dsn, /multipart\/report;/);
  assert.match(dsn, /^Final-Recipient: rfc822; ?refused@up\.example/im);
  assert.match(dsn, /^Action: failed/m);
  assert.match(dsn, /^Status: 5\.1\.1/m);
});

test('a server that is down: delay warning, then a bounce at expiry', { timeout: 60_000 }, async () => {
  await submission(postfold, bob).sendMail({
    from: bob,
    to: 'y@never.example',
    subject: 'into the void',
    text: 'hi',
  });
  const { stdout } = await runPostfold(['queue', 'list', '--json', '--aws-port', `${postfold.awsPort}`]);
  assert.match(stdout, /never\.example/);
  const warning = await arrival(bob, /delay/i);
  assert.match(warning, /^Action: delayed/m);
  const dsn = await arrival(bob, /undeliver|fail|returned/i);
  assert.match(dsn, /^Final-Recipient: rfc822; ?y@never\.example/im);
  assert.match(dsn, /^Status: [45]\.4\.\d/m);
});

test('a server that comes up in time gets the mail exactly once', { timeout: 60_000 }, async () => {
  await submission(postfold).sendMail({ from: alice, to: 'z@late.example', subject: 'patience', text: 'hi' });
  const late = await startSink(latePort);
  after(() => late.close());
  await late.until(1);
  await submission(postfold).sendMail({ from: alice, to: 'z@late.example', subject: 'second', text: 'hi' });
  await late.until(2);
  assert.deepEqual(
    late.taken.map(({ text }) => /^Subject: (.*)$/m.exec(text)?.[1]),
    ['patience', 'second'],
  );
});
