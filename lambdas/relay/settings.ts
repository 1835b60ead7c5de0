/**
 * The settings of the relay Lambda, read from its environment. The names are the contract with
 * lib/, which imports the type below and writes them.
 */

import { defaultRetryPolicy, parseDurationMs, parseRetryDelays } from '../../core/mail/transfer/schedule.ts';
import { parseRoute } from '../../core/service/relay/route.ts';
import type { RelaySettings } from '../../core/service/relay/settings.ts';
import { defaultTimeouts } from '../../core/service/relay/smtp/limits.ts';

/** All texts; the optional ones have defaults. */
export interface RelayEnvironment {
  readonly POSTFOLD_TABLE_PREFIX: string;
  readonly POSTFOLD_BUCKET: string;
  readonly POSTFOLD_OUTBOUND_QUEUE_URL: string;
  readonly POSTFOLD_INGEST_FUNCTION: string;
  /** Our name in EHLO and notifications; the MX record names it too. */
  readonly POSTFOLD_HOSTNAME: string;
  /** Further names of ours in MX records, separated by blanks. */
  readonly POSTFOLD_OWN_NAMES?: string;
  /** Routes separated by blanks: `example.net=host:25 *=smtp://user:password@host:587`. */
  readonly POSTFOLD_ROUTES?: string;
  /** DNS servers as `host:port`, separated by commas; the function's own when absent. */
  readonly POSTFOLD_DNS?: string;
  /** Pauses between attempts: `5m,10m,1h`. */
  readonly POSTFOLD_RETRY?: string;
  /** Age at which the sender is told of the delay: `4h`; `0s` for never. */
  readonly POSTFOLD_WARN?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What one run of the Lambda may take; the attempt must end, and be settled, before it. lib/ has it too. */
export const relayTimeoutSeconds = 900;
export const relayAttemptMs = 840_000;
/** A relay that went silent so long has crashed. */
export const relayLeaseMs = 60_000;

/** Throws an Error that names the variable which cannot be read. */
export function readRelaySettings(env: Environment): RelaySettings {
  const hostname = required(env, 'POSTFOLD_HOSTNAME').toLowerCase();
  return {
    hostname,
    ownNames: [hostname, ...words(env.POSTFOLD_OWN_NAMES).map((name) => name.toLowerCase())],
    routes: new Map(words(env.POSTFOLD_ROUTES).map(parseRoute)),
    allowPrivate: false,
    port: 25,
    retry: {
      ...defaultRetryPolicy,
      delaysMs: parsed(env, 'POSTFOLD_RETRY', parseRetryDelays) ?? defaultRetryPolicy.delaysMs,
      warnAfterMs: parsed(env, 'POSTFOLD_WARN', parseDurationMs) ?? defaultRetryPolicy.warnAfterMs,
    },
    timeouts: defaultTimeouts,
    attemptMs: relayAttemptMs,
    leaseMs: relayLeaseMs,
  };
}

/** Which DNS servers to ask. */
export function dnsSettings(env: Environment): { readonly servers?: readonly string[] } {
  return env.POSTFOLD_DNS ? { servers: env.POSTFOLD_DNS.split(',') } : {};
}

/** The value of a variable that must be there. */
export function required(env: Environment, name: keyof RelayEnvironment): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

function parsed<Value>(
  env: Environment,
  name: keyof RelayEnvironment,
  parse: (text: string) => Value | undefined,
): Value | undefined {
  const text = env[name];
  if (!text) return undefined;
  const value = parse(text);
  if (value === undefined) throw new Error(`${name} is '${text}', which cannot be read`);
  return value;
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}
