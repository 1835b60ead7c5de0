import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newOnes } from './debian.ts';

test('of what apt would do only what the system lacks is taken', () => {
  const simulated = [
    'Remv dovecot-imapd [1:2.3.19.1+dfsg1-2.1]',
    'Inst libical3 (3.0.16-1+b1 Debian:12.15/oldstable [amd64])',
    'Inst libsasl2-2 [2.1.28-10] (2.1.28-10+deb12u1 Debian-Security:12/oldstable-security [amd64])',
    'Inst cyrus-imapd (3.6.1-4+deb12u5 Debian-Security:12/oldstable-security [amd64])',
    'Conf libical3 (3.0.16-1+b1 Debian:12.15/oldstable [amd64])',
  ];
  assert.deepEqual(newOnes(simulated.join('\n')), ['libical3', 'cyrus-imapd']);
});
