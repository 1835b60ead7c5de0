/** What the relay signs, with which keys, and what it never signs. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { Attempts, brief, plain } from '../../../test/support/relay/attempts.ts';
import { type acme, directoryOf } from '../../../test/support/relay/world.ts';

let tries: Attempts;
beforeEach(() => {
  tries = new Attempts();
});
afterEach(() => tries.close());

test('mail from outside that is forwarded is not signed: anybody may have put our domain in From', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const directory = directoryOf([{ selector: 's', algorithm: 'ed25519', privateKey: pem }]);
  const sink = await tries.sinkOf();
  await tries.send(sink, {
    job: { origin: 'forward', reversePath: 'x@elsewhere.example' },
    ports: { directory },
  });
  await tries.send(sink, { ports: { directory } });
  assert.deepEqual(
    sink.messages.map(({ data }) => /^DKIM-Signature:/m.test(data)),
    [false, true],
  );
});

test('RSA and Ed25519 signatures of the author\u2019s domain verify, over mended line ends too', async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ed = generateKeyPairSync('ed25519');
  const pem = (key: typeof rsa.privateKey) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const directory = directoryOf([
    { selector: 'r1', algorithm: 'rsa', privateKey: pem(rsa.privateKey) },
    { selector: 'e1', algorithm: 'ed25519', privateKey: pem(ed.privateKey) },
  ]);
  const rsaKey = rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const edKey = ed.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
  const zone: Record<string, string> = {
    'r1._domainkey.acme.example': `v=DKIM1; k=rsa; p=${rsaKey}`,
    'e1._domainkey.acme.example': `v=DKIM1; k=ed25519; p=${edKey}`,
  };
  for (const text of [
    plain,
    'From: ann@acme.example\nSubject: x\n\nbare\nlines\rhere',
    plain + 'long '.repeat(300_000),
  ]) {
    const sink = await tries.sinkOf({ extensions: [] });
    assert.equal(brief(await tries.send(sink, { text, ports: { directory } })), 'delivered 2.0.0');
    const { results } = await dkimVerify(Buffer.from(sink.messages[0]?.data ?? '', 'latin1'), {
      resolver: async (name: string) => [[zone[name] ?? '']],
    });
    assert.deepEqual(results.map((one) => [one.status.result, one.signingDomain, one.algo]).sort(), [
      ['pass', 'acme.example', 'ed25519-sha256'],
      ['pass', 'acme.example', 'rsa-sha256'],
    ]);
  }
});

test('no signature for an author of another tenant, and no mail with half of the signatures', async () => {
  const bad = [{ selector: 's', algorithm: 'rsa' as const, privateKey: 'no key' }];
  const sink = await tries.sinkOf();
  assert.equal(brief(await tries.send(sink, { ports: { directory: directoryOf(bad) } })), 'deferred 4.3.0');
  assert.match(String(tries.failures[0]), /DKIM key s/);
  const elsewhere = {
    ...directoryOf(bad),
    domain: async (name: string) => ({ name, tenant: 'zeta' as typeof acme, dkim: bad }),
  };
  assert.equal(brief(await tries.send(sink, { ports: { directory: elsewhere } })), 'delivered 2.0.0');
  assert.doesNotMatch(sink.messages[0]?.data ?? '', /DKIM-Signature/);
});
