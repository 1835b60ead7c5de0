/** The servers' TLS settings: one key and certificate, TLS 1.2 at least (RFC 8996, RFC 8314 4.1). */
import { createSecureContext } from 'node:tls';
import type { TlsSettings } from '../../core/protocol/wire/connection.ts';

/** From PEM text; throws when key and certificate are unreadable or do not belong together. */
export function tlsSettings(pem: { readonly key: string; readonly cert: string }): TlsSettings {
  return {
    secureContext: createSecureContext({
      key: pem.key,
      cert: pem.cert,
      minVersion: 'TLSv1.2',
      honorCipherOrder: true,
    }),
  };
}
