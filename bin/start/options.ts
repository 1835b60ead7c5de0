/**
 * The options of `postfold start`, parsed once into values that the rest trusts. A bad
 * option is an OptionError with one clear line.
 */
import { isIP } from 'node:net';

export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/** Where mail for a domain goes instead of its MX; domain '*' is the smarthost for all others. */
export interface RouteOption {
  readonly domain: string;
  readonly host: string;
  readonly port: number;
}

export interface StartOptions {
  readonly dataDir: string;
  readonly host: string;
  readonly portOffset: number;
  readonly awsPort: number;
  /** Another AWS endpoint for S3, DynamoDB and SQS; absent: the embedded one. */
  readonly awsEndpoint?: string;
  readonly domain: string;
  readonly routes: readonly RouteOption[];
  readonly dns?: { readonly host: string; readonly port: number };
  /** Waits between attempts, the last one repeats; absent: the default schedule. */
  readonly retryMs?: readonly number[];
  readonly expireMs?: number;
  readonly warnMs?: number;
  readonly insecureAuth: boolean;
}

/** What commander hands over: option texts by name. */
export interface RawStartOptions {
  readonly data: string;
  readonly host: string;
  readonly portOffset: string;
  readonly awsPort: string;
  readonly awsEndpoint?: string;
  readonly domain: string;
  readonly route: readonly string[];
  readonly dns?: string;
  readonly retry?: string;
  readonly expire?: string;
  readonly warn?: string;
  readonly insecureAuth?: boolean;
}

/** The highest standard port we add the offset to (POP3S). */
const highestPort = 995;

export function parseStartOptions(raw: RawStartOptions): StartOptions {
  const insecureAuth = raw.insecureAuth === true;
  if (insecureAuth && !isLoopback(raw.host)) {
    throw new OptionError(
      `--insecure-auth sends passwords in clear: it needs a loopback --host, not ${raw.host}`,
    );
  }
  return {
    dataDir: raw.data,
    host: parseHost(raw.host),
    portOffset: parseInteger('--port-offset', raw.portOffset, 0, 65_535 - highestPort),
    awsPort: parseInteger('--aws-port', raw.awsPort, 1, 65_535),
    ...(raw.awsEndpoint === undefined ? {} : { awsEndpoint: parseEndpoint(raw.awsEndpoint) }),
    domain: parseDomain(raw.domain),
    routes: raw.route.map(parseRoute),
    ...(raw.dns === undefined ? {} : { dns: parseHostPort('--dns', raw.dns, 53) }),
    ...(raw.retry === undefined
      ? {}
      : { retryMs: raw.retry.split(',').map((text) => parseDuration('--retry', text)) }),
    ...(raw.expire === undefined ? {} : { expireMs: parseDuration('--expire', raw.expire) }),
    ...(raw.warn === undefined ? {} : { warnMs: parseDuration('--warn', raw.warn) }),
    insecureAuth,
  };
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** '2s', '5m', '4h', '5d' in milliseconds; at least a second, at most 30 days. */
function parseDuration(option: string, text: string): number {
  const match = /^(\d{1,7})([smhd])$/.exec(text.trim());
  const ms = match === null ? Number.NaN : Number(match[1]) * (unitMs[match[2] ?? ''] ?? Number.NaN);
  if (!(ms >= 1000 && ms <= 30 * 86_400_000)) {
    throw new OptionError(`${option} takes durations like 2s, 5m, 4h or 5d (1s to 30d), not '${text}'`);
  }
  return ms;
}

function parseInteger(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new OptionError(`${option} takes a whole number from ${least} to ${most}, not '${text}'`);
}

function parseHost(text: string): string {
  if (isIP(text) !== 0 || text === 'localhost') return text;
  throw new OptionError(`--host takes an IP address or localhost, not '${text}'`);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function parseDomain(text: string): string {
  const domain = text.toLowerCase();
  const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
  if (domain.length <= 253 && new RegExp(`^${label}(\\.${label})+$`).test(domain)) return domain;
  throw new OptionError(`--domain takes a domain name like example.test, not '${text}'`);
}

function parseRoute(text: string): RouteOption {
  const [domain, target, ...rest] = text.split('=');
  if (domain === undefined || target === undefined || rest.length > 0) {
    throw new OptionError(
      `--route takes domain=host:port, for example example.net=127.0.0.1:2626, not '${text}'`,
    );
  }
  return { domain: domain === '*' ? '*' : parseDomain(domain), ...parseHostPort('--route', target, 25) };
}

function parseHostPort(option: string, text: string, defaultPort: number): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw new OptionError(`${option} takes host:port, not '${text}'`);
  const port = match?.[3] === undefined ? defaultPort : parseInteger(option, match[3], 1, 65_535);
  return { host, port };
}

function parseEndpoint(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new OptionError(`--aws-endpoint takes a URL like http://127.0.0.1:4566, not '${text}'`);
}
