import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, verifyPassword } from './argon2id.ts';

const quick = { memoryKib: 64, passes: 1, parallelism: 1 };

test('a hash verifies its own password and no other', async () => {
  const phc = await hashPassword('correct horse', quick);
  assert.match(phc, /^\$argon2id\$v=19\$m=64,t=1,p=1\$[^$=]{22}\$[^$=]{43}$/);
  assert.equal(await verifyPassword(phc, 'correct horse'), true);
  assert.equal(await verifyPassword(phc, 'correct horsE'), false);
  assert.equal(await verifyPassword(phc, ''), false);
});

test('two hashes of one password differ by their salt', async () => {
  assert.notEqual(await hashPassword('same', quick), await hashPassword('same', quick));
});

test('the default cost is 19 MiB, two passes, one lane', async () => {
  assert.match(await hashPassword('x'), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test('composed and decomposed spellings are one password', async () => {
  const phc = await hashPassword('caf\u00e9', quick);
  assert.equal(await verifyPassword(phc, 'cafe\u0301'), true);
});

test("the reference implementation's hash verifies", async () => {
  // argon2 command line of the reference code: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1
  const phc = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(await verifyPassword(phc, 'password'), true);
});

test('what is no PHC string, or asks for too much, is damaged data', async () => {
  await assert.rejects(verifyPassword('{PLAIN}secret', 'secret'), /no argon2id PHC string/);
  await assert.rejects(
    verifyPassword('$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8', 'x'),
    /more work than allowed/,
  );
});
