/** The settings of the IMAP server, read once from the environment of its container. */
import { MAX_APPEND_OCTETS } from '../../core/protocol/imap/limits.ts';

export interface ImapSettings {
  readonly host: string;
  /** Clear text with STARTTLS; 0 takes any free port. */
  readonly port: number;
  /** Implicit TLS (RFC 8314 3.2); undefined: not served. */
  readonly tlsPort: number | undefined;
  /** Behind a balancer that writes the PROXY header on every connection. */
  readonly proxyProtocol: boolean;
  readonly maxConnections: number;
  readonly maxPerAddress: number;
  /** Octets of a message given to APPEND. */
  readonly maxAppendOctets: number;
  /** Takes passwords without TLS: loopback and tests alone. */
  readonly insecureAuth: boolean;
  /** How long sessions may go on after SIGTERM; ECS kills after 120 s. */
  readonly drainMs: number;
}

export const defaultSettings: ImapSettings = {
  host: '0.0.0.0',
  port: 143,
  tlsPort: 993,
  proxyProtocol: false,
  maxConnections: 10_000,
  maxPerAddress: 200,
  maxAppendOctets: MAX_APPEND_OCTETS,
  insecureAuth: false,
  drainMs: 110_000,
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The names are the contract with the deployed task; a bad number throws at start. */
export function readSettings(env: Environment): ImapSettings {
  return {
    ...defaultSettings,
    host: env.POSTFOLD_HOST ?? defaultSettings.host,
    port: whole('POSTFOLD_IMAP_PORT', env, defaultSettings.port),
    tlsPort: whole('POSTFOLD_IMAPS_PORT', env, 993),
    proxyProtocol: env.POSTFOLD_PROXY_PROTOCOL === '1',
    maxConnections: whole('POSTFOLD_MAX_CONNECTIONS', env, defaultSettings.maxConnections),
    maxPerAddress: whole('POSTFOLD_MAX_PER_ADDRESS', env, defaultSettings.maxPerAddress),
    maxAppendOctets: whole('POSTFOLD_MAX_MESSAGE_OCTETS', env, defaultSettings.maxAppendOctets),
  };
}

function whole(name: string, env: Environment, otherwise: number): number {
  const text = env[name];
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} is '${text}', which is no whole number`);
  return Number(text);
}

/** What only the container needs: where the stores are, its certificate, where it is rung. */
export interface ImapPlaces {
  readonly tablePrefix: string;
  readonly bucket: string;
  /** PEM. */
  readonly tlsKey: string;
  readonly tlsCert: string;
  readonly bellPort: number;
}

export function readPlaces(env: Environment): ImapPlaces {
  return {
    tablePrefix: env.POSTFOLD_TABLE_PREFIX ?? '',
    bucket: required('POSTFOLD_BUCKET', env),
    tlsKey: required('POSTFOLD_TLS_KEY', env),
    tlsCert: required('POSTFOLD_TLS_CERT', env),
    bellPort: whole('POSTFOLD_BELL_PORT', env, 0),
  };
}

function required(name: string, env: Environment): string {
  const text = env[name];
  if (text === undefined || text === '') throw new Error(`${name} is not set`);
  return text;
}
