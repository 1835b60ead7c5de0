import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from './settings.ts';

const env = {
  POSTFOLD_HOSTNAME: 'mx.example.org',
  POSTFOLD_BUCKET: 'mail',
  POSTFOLD_OUTBOUND_QUEUE_URL: 'https://queue',
};

test('what is not set has its default', () => {
  assert.deepEqual(readSettings(env), {
    hostname: 'mx.example.org',
    tablePrefix: '',
    bucket: 'mail',
    outboundQueueUrl: 'https://queue',
    dnsServers: [],
    dnsAvailable: true,
    outboundExpiryMs: 5 * 86_400_000,
  });
});

test('DNS servers, or none at all; an expiry', () => {
  const set = readSettings({ ...env, POSTFOLD_DNS: '192.0.2.1:53,192.0.2.2:53', POSTFOLD_EXPIRE: '2d' });
  assert.deepEqual(set.dnsServers, ['192.0.2.1:53', '192.0.2.2:53']);
  assert.equal(set.outboundExpiryMs, 2 * 86_400_000);
  assert.equal(readSettings({ ...env, POSTFOLD_DNS: 'off' }).dnsAvailable, false);
});

test('what is missing or malformed is named', () => {
  assert.throws(() => readSettings({ ...env, POSTFOLD_BUCKET: '' }), /POSTFOLD_BUCKET/);
  assert.throws(() => readSettings({ ...env, POSTFOLD_EXPIRE: 'soon' }), /POSTFOLD_EXPIRE/);
});
