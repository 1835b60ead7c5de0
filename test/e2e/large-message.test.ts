/** 20 MB with attachments comes back byte for byte over IMAP and POP3, whole and in parts. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { imap, outside, pop3 } from '../support/clients.ts';
import { compose, sha256, withoutTrace } from '../support/message.ts';
import { alice, missing, postfoldFor, run } from '../support/postfold.ts';

const postfold = await postfoldFor(after);

test('20 MB from nodemailer arrive byte for byte', async () => {
  const { octets, attachments } = await compose(20_000_000);
  assert.ok(octets.length > 19_000_000 && octets.length < 22_000_000, `${octets.length} octets`);
  await outside(postfold).sendMail({ envelope: { from: 'sender@example.org', to: alice }, raw: octets });

  const client = await imap(postfold);
  await client.mailboxOpen('INBOX');
  const fetched = await client.fetchOne('*', { source: true, bodyStructure: true, size: true });
  assert.ok(fetched !== false && fetched.source);
  assert.equal(fetched.size, fetched.source.length);
  const start = octets.subarray(0, octets.indexOf(':')).toString();
  assert.equal(sha256(withoutTrace(fetched.source, start)), sha256(octets));
  const part = await client.download('*', '2');
  const chunks = [];
  assert.ok(part.content);
  for await (const chunk of part.content) chunks.push(chunk);
  assert.equal(sha256(Buffer.concat(chunks)), sha256(attachments[0] ?? Buffer.alloc(0)));
  await client.logout();

  const [answer] = await pop3(postfold, ['RETR 1']);
  assert.ok(answer);
  const stuffed = answer.subarray(answer.indexOf('\r\n') + 2, -3).toString('latin1');
  const retrieved = Buffer.from(stuffed.replace(/^\.\./gm, '.'), 'latin1');
  assert.equal(sha256(retrieved), sha256(fetched.source));
});

test('a message from swaks arrives', { skip: await missing('swaks') }, async () => {
  const { code, stdout } = await run('swaks', [
    ...['--server', `127.0.0.1:${postfold.ports.smtp}`, '--from', 'swaks@example.org', '--to', alice],
    ...['--tls', '--header', 'Subject: from swaks', '--body', '.\n..\nTschüss'],
  ]);
  assert.equal(code, 0, stdout);
  const client = await imap(postfold);
  await client.mailboxOpen('INBOX');
  const fetched = await client.fetchOne('*', { envelope: true, source: true });
  assert.ok(fetched !== false && fetched.source);
  assert.equal(fetched.envelope?.subject, 'from swaks');
  assert.match(fetched.source.toString(), /\r\n\.\r\n\.\.\r\nTschüss\r\n/);
  await client.logout();
});

test('more than the limit is refused before it is read', async () => {
  const socket = connect(postfold.ports.smtp, '127.0.0.1');
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const say = async (command: string): Promise<string> => {
    if (command !== '') socket.write(`${command}\r\n`);
    for (;;) {
      const { value = '' } = await lines.next();
      if (/^\d{3} /.test(value)) return value;
    }
  };
  await say('');
  await say('EHLO client.example');
  assert.match(await say('MAIL FROM:<a@example.org> SIZE=60000000'), /^552 5\.3\.4 /);
  assert.match(await say('MAIL FROM:<a@example.org> SIZE=1000'), /^250 /);
  socket.destroy();
});
