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

/** The names are the contract with the deployed task; a bad number throws at start. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Pop3Settings {
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

function whole(name: string, env: Readonly<Record<string, string | undefined>>, otherwise: number): number {
  const text = env[name];
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} is '${text}', which is no whole number`);
  return Number(text);
}
