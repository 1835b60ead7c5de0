/**
 * A self-signed certificate for localhost, for tests alone: its key is public, nobody may
 * ever serve with it.
 */
import { createSecureContext } from 'node:tls';
import type { TlsSettings } from '../connection.ts';

const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHCZhaYEdXJFEOlPq
fIRRoXUGC2dUZnmVzRK99V/qdJuhRANCAATMTkVrR/6x81r/9iyC4ZvanSOPAdT7
Tdlb0k46qp76Jf1+4/MSNjdD0a3S0nwVURl4bzM/vvbMAtv8m1O3iiFt
-----END PRIVATE KEY-----
`;

export const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUfXgY4OYo93YaOEsTti81dNUQzzEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzAwNDkzOFoYDzIxMjYxMDMw
MDA0OTM4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATMTkVrR/6x81r/9iyC4ZvanSOPAdT7Tdlb0k46qp76Jf1+4/MSNjdD
0a3S0nwVURl4bzM/vvbMAtv8m1O3iiFto28wbTAdBgNVHQ4EFgQU49XufaBpTGR7
mEbXo0TVs06w8lUwHwYDVR0jBBgwFoAU49XufaBpTGR7mEbXo0TVs06w8lUwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAJ1VAXQhyGQhGWYM89l2OI4K1YvOZTW/dS0Owqk8lhDTAiBE
9fkqF1CZcQNztuXLbqRRpw8Tc4M7VzpqbmTqKv519A==
-----END CERTIFICATE-----
`;

/** What a server under test gives to `startTls` or to its listener. */
export const testTls: TlsSettings = {
  secureContext: createSecureContext({ key, cert: testCertificate, minVersion: 'TLSv1.2' }),
};
