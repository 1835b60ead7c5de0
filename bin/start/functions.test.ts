import assert from 'node:assert/strict';
import { test } from 'node:test';
import { relaySettings } from './functions.ts';

test('mail goes to private addresses only where a private DNS server says so', () => {
  const allowed = (host?: string) => {
    const dns = host === undefined ? {} : { dns: { host, port: 53 } };
    return relaySettings({ hostname: 'mail.example.test', routes: new Map(), ...dns }).allowPrivate;
  };
  assert.deepEqual([undefined, '9.9.9.9', '127.0.0.1', '10.0.0.2', '::1'].map(allowed), [
    false,
    false,
    true,
    true,
    true,
  ]);
});
