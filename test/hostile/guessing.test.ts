/** Password guessing over all protocols at once: the guesser's address is held off, the owner's is not. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { alice, password, postfoldFor } from '../support/postfold.ts';
import { RawClient } from './raw-client.ts';

const postfold = await postfoldFor(after, { options: ['--insecure-auth'] });

/** One login in a session of its own; its answer. */
const logins = {
  smtp: async (from: string, secret: string) => {
    const client = await RawClient.dial(postfold.ports.submission, { from });
    const initial = Buffer.from(`\0${alice}\0${secret}`).toString('base64');
    await client.until(/^220 /);
    await client.write('EHLO c\r\n');
    await client.until(/^250 /);
    await client.write(`AUTH PLAIN ${initial}\r\n`);
    return (await client.line()) ?? '';
  },
  imap: async (from: string, secret: string) => {
    const client = await RawClient.dial(postfold.ports.imap, { from });
    await client.line();
    await client.write(`a LOGIN ${alice} "${secret}"\r\n`);
    return client.until(/^a /);
  },
  pop3: async (from: string, secret: string) => {
    const client = await RawClient.dial(postfold.ports.pop3, { from });
    await client.line();
    await client.write(`USER ${alice}\r\nPASS ${secret}\r\n`);
    await client.line();
    return (await client.line()) ?? '';
  },
};

test('after a few guesses of an address nothing more is looked at, and the owner comes in from elsewhere', async () => {
  const [guesser, owner] = ['127.0.0.66', '127.0.0.1'];
  assert.match(await logins.imap(owner, password), /^a OK /);
  const guesses = Array.from({ length: 24 }, (_, n) => {
    const login = [logins.smtp, logins.imap, logins.pop3][n % 3];
    return login?.(guesser, `guess ${n}`);
  });
  const answers = (await Promise.all(guesses)).join('\n');
  assert.equal(
    answers.match(/^(535 5\.7\.8|a NO \[AUTHENTICATIONFAILED\]|-ERR \[AUTH\])/gm)?.length,
    24,
    answers,
  );

  assert.match(await logins.smtp(guesser, password), /^421 4\.7\.0 /);
  assert.match(await logins.imap(guesser, password), /^\* BYE .*\na NO \[UNAVAILABLE\] /);
  assert.match(await logins.pop3(guesser, password), /^-ERR \[SYS\/TEMP\] /);

  assert.match(await logins.imap(owner, password), /^a OK /);
  assert.match(await logins.pop3(owner, password), /^\+OK /);
  assert.match(await logins.smtp(owner, password), /^235 /);
});
