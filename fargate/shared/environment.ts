/** What the three containers read from their environments alike. The names are the contract with lib/. */

export type Environment = Readonly<Record<string, string | undefined>>;

/** How a server listens and how long it drains. */
export interface ListenerSettings {
  readonly host: string;
  /** Behind a balancer that writes the PROXY header on every connection. */
  readonly proxyProtocol: boolean;
  readonly maxConnections: number;
  readonly maxPerAddress: number;
  /** Takes passwords without TLS: loopback and tests alone. */
  readonly insecureAuth: boolean;
  /** How long sessions may go on after SIGTERM; ECS kills after 120 s. */
  readonly drainMs: number;
}

/** What only a container needs: where the stores are, and its certificate. */
export interface Places {
  readonly tablePrefix: string;
  readonly bucket: string;
  /** PEM. */
  readonly tlsKey: string;
  readonly tlsCert: string;
}

/** The given settings as the environment changes them; a bad number throws. */
export function readListener<Settings extends ListenerSettings>(
  env: Environment,
  defaults: Settings,
): Settings {
  return {
    ...defaults,
    host: env.POSTFOLD_HOST ?? defaults.host,
    proxyProtocol: env.POSTFOLD_PROXY_PROTOCOL === '1',
    maxConnections: whole('POSTFOLD_MAX_CONNECTIONS', env, defaults.maxConnections),
    maxPerAddress: whole('POSTFOLD_MAX_PER_ADDRESS', env, defaults.maxPerAddress),
  };
}

/** What is missing throws. */
export function readPlaces(env: Environment): Places {
  return {
    tablePrefix: env.POSTFOLD_TABLE_PREFIX ?? '',
    bucket: required('POSTFOLD_BUCKET', env),
    tlsKey: required('POSTFOLD_TLS_KEY', env),
    tlsCert: required('POSTFOLD_TLS_CERT', env),
  };
}

export function required(name: string, env: Environment): string {
  const text = env[name];
  if (text === undefined || text === '') throw new Error(`${name} is not set`);
  return text;
}

export function whole(name: string, env: Environment, otherwise: number): number {
  const text = env[name];
  if (text === undefined) return otherwise;
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${name} is '${text}', which is no whole number`);
  return Number(text);
}
