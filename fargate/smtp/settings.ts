/** The settings of the SMTP server, read once from the environment of its container. */
import { defaultMaxMessageOctets } from '../../core/protocol/smtp/limits.ts';

export interface SmtpServerSettings {
  /** Our name in greeting and trace fields; the same as ingest's, and the MX record's. */
  readonly hostname: string;
  readonly host: string;
  /** Undefined: not served. 0 takes any free port. */
  readonly port: number | undefined;
  readonly submissionPort: number | undefined;
  readonly submissionsPort: number | undefined;
  /** Behind a balancer that writes the PROXY header on every connection. */
  readonly proxyProtocol: boolean;
  readonly maxConnections: number;
  readonly maxPerAddress: number;
  readonly maxMessageOctets: number;
  /** Takes passwords without TLS: loopback and tests alone. */
  readonly insecureAuth: boolean;
  /** How long sessions may go on after SIGTERM; ECS kills after 120 s. */
  readonly drainMs: number;
}

export const defaultSettings: SmtpServerSettings = {
  hostname: 'localhost',
  host: '0.0.0.0',
  port: 25,
  submissionPort: 587,
  submissionsPort: 465,
  proxyProtocol: false,
  maxConnections: 2000,
  maxPerAddress: 100,
  maxMessageOctets: defaultMaxMessageOctets,
  insecureAuth: false,
  drainMs: 110_000,
};

/** What only the container needs: where the stores are. */
export interface SmtpPlaces {
  readonly tablePrefix: string;
  readonly bucket: string;
  /** Name or ARN. */
  readonly ingestFunction: string;
  /** PEM. */
  readonly tlsKey: string;
  readonly tlsCert: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The names are the contract with the deployed task; what is missing or malformed throws at start. */
export function readSettings(env: Environment): SmtpServerSettings {
  return {
    ...defaultSettings,
    hostname: required('POSTFOLD_HOSTNAME', env),
    host: env.POSTFOLD_HOST ?? defaultSettings.host,
    port: whole('POSTFOLD_SMTP_PORT', env, 25),
    submissionPort: whole('POSTFOLD_SUBMISSION_PORT', env, 587),
    submissionsPort: whole('POSTFOLD_SUBMISSIONS_PORT', env, 465),
    proxyProtocol: env.POSTFOLD_PROXY_PROTOCOL === '1',
    maxConnections: whole('POSTFOLD_MAX_CONNECTIONS', env, defaultSettings.maxConnections),
    maxPerAddress: whole('POSTFOLD_MAX_PER_ADDRESS', env, defaultSettings.maxPerAddress),
    maxMessageOctets: whole('POSTFOLD_MAX_MESSAGE_OCTETS', env, defaultSettings.maxMessageOctets),
  };
}

export function readPlaces(env: Environment): SmtpPlaces {
  return {
    tablePrefix: env.POSTFOLD_TABLE_PREFIX ?? '',
    bucket: required('POSTFOLD_BUCKET', env),
    ingestFunction: required('POSTFOLD_INGEST_FUNCTION', env),
    tlsKey: required('POSTFOLD_TLS_KEY', env),
    tlsCert: required('POSTFOLD_TLS_CERT', env),
  };
}

function required(name: string, env: Environment): string {
  const text = env[name];
  if (text === undefined || text === '') throw new Error(`${name} is not set`);
  return text;
}

function whole(name: string, env: Environment, otherwise: number): number {
  const text = env[name];
  if (text === undefined) return otherwise;
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${name} is '${text}', which is no whole number`);
  return Number(text);
}
