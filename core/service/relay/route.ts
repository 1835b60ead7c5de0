/**
 * Where a domain's mail goes: routes from the settings (a fixed host, a smarthost) and the
 * hosts that a destination comes down to. Reads the settings' text; asks nobody.
 */
import { parseDomain } from '../../mail/address.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** One address to connect to, and how. */
export interface Host {
  /** As in the MX record or the route: for TLS, logs and notifications. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** TLS from the first octet (port 465). */
  readonly implicitTls: boolean;
  /** TLS is required and the certificate must fit the name. */
  readonly verifiedTls: boolean;
  readonly credentials?: Credentials;
}

/** A host that the settings name; its address may be private: the operator said so. */
export type Route = Omit<Host, 'address'>;

/** Routes by domain; '*' for all that have none of their own. */
export type Routes = ReadonlyMap<string, Route>;

/**
 * Reads `domain=host[:port]` or `domain=smtp[s]://[user:password@]host[:port]`; the domain may be
 * '*'. Credentials, and smtps, require a certificate that fits. Throws an Error that says what is wrong.
 */
export function parseRoute(text: string): readonly [string, Route] {
  const at = text.indexOf('=');
  const written = text.slice(0, at).trim();
  const domain = written === '*' ? '*' : parseDomain(written);
  const target = text.slice(at + 1).trim();
  if (at < 0 || domain === undefined || target === '')
    throw new Error('a route reads domain=host:port, or *=smtp://user:password@host:587');
  return [domain, target.includes('://') ? routeOfUrl(target) : routeOfHost(target)];
}

export function routeFor(routes: Routes, domain: string): Route | undefined {
  return routes.get(domain) ?? routes.get('*');
}

function routeOfHost(target: string): Route {
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(target);
  const name = match?.[1]?.replace(/^\[|\]$/g, '');
  if (!name) throw new Error('the host of a route reads host or host:port');
  return { name, port: portOf(match?.[2], 25), implicitTls: false, verifiedTls: false };
}

function routeOfUrl(target: string): Route {
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    throw new Error('the URL of a route begins with smtp:// or smtps:// and names a host');
  const implicitTls = url.protocol === 'smtps:';
  const credentials = url.username
    ? { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
    : undefined;
  return {
    name: url.hostname.replace(/^\[|\]$/g, ''),
    port: portOf(url.port, implicitTls ? 465 : credentials ? 587 : 25),
    implicitTls,
    verifiedTls: implicitTls || credentials !== undefined,
    ...(credentials ? { credentials } : {}),
  };
}

function portOf(text: string | undefined, otherwise: number): number {
  const port = text ? Number(text) : otherwise;
  if (port < 1 || port > 65_535) throw new Error('the port of a route is 1 to 65535');
  return port;
}
