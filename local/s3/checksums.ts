/**
 * The checksums S3 knows, computed piece by piece: CRC32, CRC32C, CRC64NVME, SHA-1, SHA-256
 * (and MD5, which is the ETag under SSE-S3). Values are exchanged in base64.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface Hasher {
  update(chunk: Uint8Array): void;
  /** The digest's bytes, most significant first. */
  digest(): Buffer;
}

export const CHECKSUM_NAMES = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;
export type ChecksumName = (typeof CHECKSUM_NAMES)[number];

export function isChecksumName(name: string): name is ChecksumName {
  return (CHECKSUM_NAMES as readonly string[]).includes(name);
}

export function createHasher(name: ChecksumName | 'md5'): Hasher {
  switch (name) {
    case 'crc32':
      return new Crc32();
    case 'crc32c':
      return new Crc32c();
    case 'crc64nvme':
      return new Crc64Nvme();
    case 'sha1':
    case 'sha256':
    case 'md5':
      return new NodeHasher(name);
  }
}

class NodeHasher implements Hasher {
  readonly #hash;
  constructor(name: string) {
    this.#hash = createHash(name);
  }
  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
  }
  digest(): Buffer {
    return this.#hash.digest();
  }
}

class Crc32 implements Hasher {
  #crc = 0;
  update(chunk: Uint8Array): void {
    this.#crc = crc32(chunk, this.#crc);
  }
  digest(): Buffer {
    return uint32(this.#crc);
  }
}

/** Castagnoli's polynomial, reflected. */
const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

class Crc32c implements Hasher {
  #crc = 0xffffffff;
  update(chunk: Uint8Array): void {
    let crc = this.#crc;
    for (const byte of chunk) crc = (crc >>> 8) ^ (CRC32C_TABLE[(crc ^ byte) & 0xff] ?? 0);
    this.#crc = crc;
  }
  digest(): Buffer {
    return uint32(this.#crc ^ 0xffffffff);
  }
}

/** NVMe's CRC-64, reflected, kept as two 32-bit halves since bigints are slow. */
const CRC64_HIGH = new Uint32Array(256);
const CRC64_LOW = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
  CRC64_HIGH[byte] = Number(crc >> 32n);
  CRC64_LOW[byte] = Number(crc & 0xffffffffn);
}

class Crc64Nvme implements Hasher {
  #high = 0xffffffff;
  #low = 0xffffffff;
  update(chunk: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    for (const byte of chunk) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (CRC64_LOW[index] ?? 0);
      high = (high >>> 8) ^ (CRC64_HIGH[index] ?? 0);
    }
    this.#high = high;
    this.#low = low;
  }
  digest(): Buffer {
    return Buffer.concat([uint32(this.#high ^ 0xffffffff), uint32(this.#low ^ 0xffffffff)]);
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
