/**
 * The certificate of a Postfold that was given none: self-signed, made on the first start,
 * kept in the data folder so that clients that pinned it stay content.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** GeneralName tags of RFC 5280 4.2.1.6. */
const dnsName = 2;
const ipAddress = 7;

export interface Certificate {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
}

const lifetimeMs = 825 * 86_400_000;

/** Reads `<dataDir>/tls/{key,cert}.pem`, or makes them for `hostname`, localhost and the loopback addresses. */
export async function loadCertificate(
  dataDir: string,
  hostname: string,
  nowMs: number,
): Promise<Certificate> {
  const folder = join(dataDir, 'tls');
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  if (existsSync(keyFile) && existsSync(certFile)) {
    return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
  }
  const certificate = await selfSigned(hostname, nowMs);
  mkdirSync(folder, { recursive: true });
  writeFileSync(keyFile, certificate.key, { mode: 0o600 });
  writeFileSync(certFile, certificate.cert);
  return certificate;
}

async function selfSigned(hostname: string, nowMs: number): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: hostname }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(nowMs - 3_600_000),
    notAfterDate: new Date(nowMs + lifetimeMs),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: dnsName, value: hostname },
          { type: dnsName, value: 'localhost' },
          { type: ipAddress, ip: '127.0.0.1' },
          { type: ipAddress, ip: '::1' },
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}
