/**
 * The options of `postfold start`, parsed once into values that the rest trusts. A bad
 * option is an OptionError with one clear line.
 */
import { isIP } from 'node:net';
import { parseDomain as readDomain } from '../../core/mail/address.ts';
import { parseDurationMs, parseRetryDelays } from '../../core/mail/transfer/schedule.ts';
import { type Routes, parseRoute as readRoute } from '../../core/service/relay/route.ts';

export class OptionError extends Error {
  override readonly name = 'OptionError';
}

export interface StartOptions {
  readonly dataDir: string;
  readonly host: string;
  readonly portOffset: number;
  readonly awsPort: number;
  /** Another AWS endpoint for S3, DynamoDB and SQS; absent: the embedded one. */
  readonly awsEndpoint?: string;
  readonly domain: string;
  /** Where mail for a domain goes instead of its MX; '*' is the smarthost for all others. */
  readonly routes: Routes;
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
  readonly route?: readonly string[];
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
    routes: new Map((raw.route ?? []).map(parseRoute)),
    ...(raw.dns === undefined ? {} : { dns: parseDns(raw.dns) }),
    ...(raw.retry === undefined ? {} : { retryMs: parseRetry(raw.retry) }),
    ...(raw.expire === undefined ? {} : { expireMs: parseDuration('--expire', raw.expire) }),
    ...(raw.warn === undefined ? {} : { warnMs: parseDuration('--warn', raw.warn) }),
    insecureAuth,
  };
}

const longestMs = 30 * 86_400_000;

/** '2s', '5m', '4h', '5d' in milliseconds; at least a second, at most 30 days. */
function parseDuration(option: string, text: string): number {
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms >= 1000 && ms <= longestMs) return ms;
  throw new OptionError(`${option} takes a duration like 2s, 5m, 4h or 5d (1s to 30d), not '${text}'`);
}

function parseRetry(text: string): readonly number[] {
  const delays = parseRetryDelays(text);
  if (delays !== undefined) return delays;
  throw new OptionError(`--retry takes 1 to 50 durations like 2s,4s,8s (each 1s to 5d), not '${text}'`);
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
  const domain = readDomain(text);
  if (domain?.includes('.') && !domain.startsWith('[')) return domain;
  throw new OptionError(`--domain takes a domain name like example.test, not '${text}'`);
}

function parseRoute(text: string): ReturnType<typeof readRoute> {
  try {
    return readRoute(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OptionError(`--route: ${why}; it was '${text}'`, { cause });
  }
}

/** An address, since there is nobody yet to ask for a name. */
function parseDns(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text);
  const given = match?.[1] ?? match?.[2] ?? '';
  const host = given === 'localhost' ? '127.0.0.1' : given;
  if (isIP(host) === 0)
    throw new OptionError(`--dns takes an IP address and port like 127.0.0.1:5353, not '${text}'`);
  return { host, port: match?.[3] === undefined ? 53 : parseInteger('--dns', match[3], 1, 65_535) };
}

function parseEndpoint(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new OptionError(`--aws-endpoint takes a URL like http://127.0.0.1:4566, not '${text}'`);
}
