import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKSUM_NAMES, type ChecksumName, createHasher } from './checksums.ts';

/** Of the ASCII digits 1 to 9: the check values of the CRC catalogue, and the SHA standards. */
const OF_DIGITS: Readonly<Record<ChecksumName, string>> = {
  crc32: 'cbf43926',
  crc32c: 'e3069283',
  crc64nvme: 'ae8b14860a799888',
  sha1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  sha256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
};

for (const name of CHECKSUM_NAMES) {
  test(`${name} has its known value, in one piece or in many`, () => {
    const digits = Buffer.from('123456789');
    for (const size of [1, 4, 9]) {
      const hasher = createHasher(name);
      for (let at = 0; at < digits.length; at += size) hasher.update(digits.subarray(at, at + size));
      assert.equal(hasher.digest().toString('hex'), OF_DIGITS[name]);
    }
  });
}
