import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { loadCertificate } from './certificate.ts';

test('the first start makes a certificate for the host and loopback, later ones keep it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const first = await loadCertificate(folder, 'mail.example.test', Date.now());
  assert.ok(createSecureContext(first));
  const parsed = new X509Certificate(first.cert);
  assert.equal(parsed.checkHost('mail.example.test'), 'mail.example.test');
  assert.equal(parsed.checkHost('localhost'), 'localhost');
  assert.equal(parsed.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(parsed.ca, false);
  assert.equal(statSync(join(folder, 'tls', 'key.pem')).mode & 0o777, 0o600);
  assert.deepEqual(await loadCertificate(folder, 'mail.example.test', Date.now()), first);
});
