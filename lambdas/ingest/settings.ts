/** The settings of `ingest`, read once from the environment of its function. */
import { defaultRetryPolicy, parseDurationMs } from '../../core/mail/transfer/schedule.ts';

/** All texts; the optional ones have defaults. The names are the contract with lib/. */
export interface IngestEnvironment {
  readonly POSTFOLD_TABLE_PREFIX: string;
  readonly POSTFOLD_BUCKET: string;
  readonly POSTFOLD_OUTBOUND_QUEUE_URL: string;
  /** Our name in Received and Authentication-Results; the same as the SMTP server's. */
  readonly POSTFOLD_HOSTNAME: string;
  /** DNS servers as `host:port`, separated by commas; the function's own when absent; `off`: judge nothing. */
  readonly POSTFOLD_DNS?: string;
  /** How long a remote recipient is tried: `5d`. */
  readonly POSTFOLD_EXPIRE?: string;
}

export interface IngestSettings {
  readonly hostname: string;
  readonly tablePrefix: string;
  readonly bucket: string;
  readonly outboundQueueUrl: string;
  /** The function's own when empty. */
  readonly dnsServers: readonly string[];
  /** False where there is no DNS at all: then nothing is judged. */
  readonly dnsAvailable: boolean;
  readonly outboundExpiryMs: number;
}

/** What is missing or malformed throws at start, by name. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): IngestSettings {
  const required = (name: keyof IngestEnvironment) => {
    const text = env[name];
    if (text === undefined || text === '') throw new Error(`${name} is not set`);
    return text;
  };
  const { POSTFOLD_DNS: dns = '', POSTFOLD_EXPIRE: expire } = env;
  const expiryMs = expire === undefined ? defaultRetryPolicy.expiryMs : parseDurationMs(expire);
  if (expiryMs === undefined) throw new Error(`POSTFOLD_EXPIRE is '${expire}', which is no duration like 5d`);
  return {
    hostname: required('POSTFOLD_HOSTNAME'),
    tablePrefix: env.POSTFOLD_TABLE_PREFIX ?? '',
    bucket: required('POSTFOLD_BUCKET'),
    outboundQueueUrl: required('POSTFOLD_OUTBOUND_QUEUE_URL'),
    dnsServers: dns === 'off' ? [] : dns.split(',').filter((server) => server !== ''),
    dnsAvailable: dns !== 'off',
    outboundExpiryMs: expiryMs,
  };
}
