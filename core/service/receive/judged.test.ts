import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, test } from 'node:test';
import { dkimSign } from 'mailauth';
import { openWorld, type World } from '../../../test/support/smtp/world.ts';

const worlds: World[] = [];
after(() => Promise.all(worlds.map((world) => world.close())));

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** sender.test sends from 192.0.2.1 and signs; the other domains differ in their policy. */
const zone: Record<string, string[]> = {
  'TXT sender.test': ['v=spf1 ip4:192.0.2.1 -all'],
  'TXT _dmarc.sender.test': ['v=DMARC1; p=reject'],
  'TXT s1._domainkey.sender.test': [`v=DKIM1; k=rsa; p=${publicKey.toString('base64')}`],
  'TXT _dmarc.careful.test': ['v=DMARC1; p=quarantine'],
  'TXT _dmarc.lax.test': ['v=DMARC1; p=none'],
  'TXT _dmarc.broken.test': ['fails'],
  'TXT halfbroken.test': ['fails'],
  'TXT _dmarc.halfbroken.test': ['v=DMARC1; p=reject'],
};

const letter = (from: string) => `From: <${from}>\r\nTo: ann@example.org\r\nSubject: hi\r\n\r\nHello\r\n`;

async function deliver(reversePath: string, message: string | Buffer, from = '192.0.2.1') {
  const world = await openWorld(zone);
  worlds.push(world);
  const client = await world.connect('mx', world.backend, from);
  const said = await client.send(reversePath, ['ann@example.org'], message);
  const [received] = await world.messagesOf(world.accounts.ann);
  return { said, mailbox: received?.mailbox, results: resultsOf(received?.text ?? ''), text: received?.text };
}

function resultsOf(text: string): string {
  return /^Authentication-Results: (.*(?:\r\n[ \t].*)*)/m.exec(text)?.[1] ?? '';
}

async function signed(message: string): Promise<string> {
  const { signatures } = await dkimSign(message, {
    signatureData: [{ signingDomain: 'sender.test', selector: 's1', privateKey }],
  } as Parameters<typeof dkimSign>[1]);
  return `${signatures}${message}`;
}

test('SPF passes: accepted, and the results say so in front of Received', async () => {
  const { said, mailbox, results, text } = await deliver('carol@sender.test', letter('carol@sender.test'));
  assert.match(said, /^250/);
  assert.equal(mailbox, 'inbox');
  assert.match(results, /^mx\.example\.org;/);
  assert.match(results, /spf=pass .*smtp\.mailfrom=carol@sender\.test/);
  assert.match(results, /dmarc=pass .*header\.from=sender\.test/);
  assert.match(
    text ?? '',
    /^Return-Path: .*\r\nAuthentication-Results: (?:.*\r\n[ \t])*.*\r\nReceived: from /,
  );
});

test('an aligned signature passes where SPF cannot', async () => {
  const message = await signed(letter('carol@sender.test'));
  const { said, mailbox, results } = await deliver('list@forwarder.test', message, '198.51.100.9');
  assert.match(said, /^250/);
  assert.equal(mailbox, 'inbox');
  assert.match(results, /dkim=pass/);
  assert.match(results, /dmarc=pass/);
});

test('a signature over other octets does not', async () => {
  const message = (await signed(letter('carol@sender.test'))).replace('Hello', 'Hell0');
  const { said } = await deliver('list@forwarder.test', message, '198.51.100.9');
  assert.match(said, /^550 5\.7\.1 Refused by the DMARC policy of sender\.test/);
});

test('policy reject is 550, quarantine is Junk, none is the inbox', async () => {
  const rejected = await deliver('mallory@evil.test', letter('carol@sender.test'), '198.51.100.9');
  assert.match(rejected.said, /^550 5\.7\.1/);
  assert.equal(rejected.text, undefined);
  const filed = await deliver('mallory@evil.test', letter('dave@careful.test'));
  assert.match(filed.said, /^250/);
  assert.equal(filed.mailbox, 'junk');
  assert.match(filed.results, /dmarc=fail/);
  const kept = await deliver('mallory@evil.test', letter('dave@lax.test'));
  assert.equal(kept.mailbox, 'inbox');
  assert.match(kept.results, /dmarc=fail/);
});

test('two From fields are refused: readers show one, and the check might have looked at the other', async () => {
  for (const [first, second] of [
    ['carol@sender.test', 'mallory@evil.test'],
    ['mallory@evil.test', 'carol@sender.test'],
  ]) {
    const { said } = await deliver('mallory@evil.test', `From: <${first}>\r\n${letter(second ?? '')}`);
    assert.match(said, /^550 5\.6\.0 Message has 2 From fields/);
  }
});

test('a From that names no domain, or several, has no policy to pass: Junk, and the results say why', async () => {
  for (const [from, reason] of [
    ['carol@sender.test, mallory@evil.test', 'multiple-author-domains'],
    ['carol@sender.test@evil.test', 'multiple-author-domains'],
    ['"Carol <carol@sender.test>" <>', 'no-author-domain'],
    ['carol', 'no-author-domain'],
  ]) {
    const { said, mailbox, results } = await deliver('mallory@evil.test', `From: ${from}\r\n\r\nHello\r\n`);
    assert.match(said, /^250/, from);
    assert.equal(mailbox, 'junk', from);
    assert.match(results, new RegExp(`dmarc=none \\(${reason}\\)`), from);
  }
});

test('a DNS that does not answer defers what it could decide, and nothing else', async () => {
  const unknown = await deliver('x@broken.test', letter('x@broken.test'));
  assert.match(unknown.said, /^451 4\.7\.1/);
  const half = await deliver('x@halfbroken.test', letter('x@halfbroken.test'));
  assert.match(half.said, /^451 4\.7\.1/);
  const lax = await deliver('x@halfbroken.test', letter('x@lax.test'));
  assert.match(lax.said, /^250/);
  assert.match(lax.results, /spf=temperror/);
});

test('without DNS nothing is judged, and the results say none', async () => {
  const world = await openWorld('no-dns');
  worlds.push(world);
  const client = await world.connect('mx', world.backend, '198.51.100.9');
  assert.match(await client.send('m@evil.test', ['ann@example.org'], letter('carol@sender.test')), /^250/);
  const [message] = await world.messagesOf(world.accounts.ann);
  assert.equal(message?.mailbox, 'inbox');
  assert.equal(resultsOf(message?.text ?? ''), 'mx.example.org; none');
});

test('a large signed message is judged and indexed without ever being in memory as a whole', async () => {
  const body = `${'x'.repeat(76)}\r\n`.repeat(60_000);
  const message = await signed(
    `From: <carol@sender.test>\r\nSubject: large\r\nReturn-Path: <forged@x.test>\r\n\r\n${body}`,
  );
  const { said, results, text } = await deliver('x@forwarder.test', message, '198.51.100.9');
  assert.match(said, /^250/);
  assert.match(results, /dkim=pass/);
  assert.ok(text?.endsWith(body));
  assert.ok(!text?.includes('forged@x.test'));
});
