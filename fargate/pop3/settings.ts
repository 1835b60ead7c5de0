/** The settings of the POP3 server, read once from the environment of its container. */

export interface Pop3Settings {
  readonly host: string;
  /** Clear text with STLS; 0 takes any free port. */
  readonly port: number;
  /** Implicit TLS (RFC 8314 3.3); undefined: not served. */
  readonly tlsPort: number | undefined;
  /** Behind a balancer that writes the PROXY header on every connection. */
  readonly proxyProtocol: boolean;
  readonly maxConnections: number;
  readonly maxPerAddress: number;
  /** Takes passwords without TLS: loopback and tests alone. */
  readonly insecureAuth: boolean;
  /** How long sessions may go on after SIGTERM; ECS kills after 120 s. */
  readonly drainMs: number;
}

export const defaultSettings: Pop3Settings = {
  host: '0.0.0.0',
  port: 110,
  tlsPort: 995,
  proxyProtocol: false,
  maxConnections: 5000,
  maxPerAddress: 100,
  insecureAuth: false,
  drainMs: 110_000,
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The names are the contract with the deployed task; a bad number throws at start. */
export function readSettings(env: Environment): Pop3Settings {
  return {
    ...defaultSettings,
    host: env.POSTFOLD_HOST ?? defaultSettings.host,
    port: whole('POSTFOLD_POP3_PORT', env, defaultSettings.port),
    tlsPort: whole('POSTFOLD_POP3S_PORT', env, 995),
    proxyProtocol: env.POSTFOLD_PROXY_PROTOCOL === '1',
    maxConnections: whole('POSTFOLD_MAX_CONNECTIONS', env, defaultSettings.maxConnections),
    maxPerAddress: whole('POSTFOLD_MAX_PER_ADDRESS', env, defaultSettings.maxPerAddress),
  };
}

function whole(name: string, env: Environment, otherwise: number): number {
  const text = env[name];
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} is '${text}', which is no whole number`);
  return Number(text);
}

/** What only the container needs: where the stores are, and its certificate. */
export interface Pop3Places {
  readonly tablePrefix: string;
  readonly bucket: string;
  /** PEM. */
  readonly tlsKey: string;
  readonly tlsCert: string;
}

export function readPlaces(env: Environment): Pop3Places {
  return {
    tablePrefix: env.POSTFOLD_TABLE_PREFIX ?? '',
    bucket: required('POSTFOLD_BUCKET', env),
    tlsKey: required('POSTFOLD_TLS_KEY', env),
    tlsCert: required('POSTFOLD_TLS_CERT', env),
  };
}

function required(name: string, env: Environment): string {
  const text = env[name];
  if (text === undefined || text === '') throw new Error(`${name} is not set`);
  return text;
}
