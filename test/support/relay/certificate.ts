/** A self-signed certificate for the tests' own servers. */
import { generate } from 'selfsigned';

/** PEM of a P-256 key and of a certificate for `name` (or an IP address), valid from an hour ago. */
export async function testCertificate(
  name: string,
  kind: 'dns' | 'ip' = 'dns',
): Promise<{ readonly key: string; readonly cert: string }> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 3_600_000),
    notAfterDate: new Date(Date.now() + 86_400_000),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [kind === 'dns' ? { type: 2, value: name } : { type: 7, ip: name }],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}
