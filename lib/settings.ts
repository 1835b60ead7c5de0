/** What a deployment may choose. Everything else is decided in the constructs beside this file. */

export interface PostfoldSettings {
  /** The name in MX records, greetings and certificates, for example mx.example.com. */
  readonly hostname: string;
  /** In front of the names of tables and queues: two deployments in one account need two. */
  readonly prefix: string;
  /** Name of a secret with the fields `key` and `cert` (PEM): the servers' TLS. */
  readonly tlsSecret: string;
  /** Further names of ours in MX records. */
  readonly ownNames: readonly string[];
  /** Fixed hosts and smarthosts, for example `*=smtp://user:password@email-smtp.us-east-1.amazonaws.com:587`. */
  readonly routes: readonly string[];
  /** Pauses between attempts, `5m,10m,1h`; the built-in schedule when left out. */
  readonly retry?: string;
  /** Age at which a sender is told of a delay, `4h`. */
  readonly warn?: string;
  /** Tasks of each of the three services. */
  readonly tasks: number;
  /** 1 costs less; 2 outlive the loss of a zone. */
  readonly natGateways: number;
}

export const defaultSettings: PostfoldSettings = {
  hostname: 'mx.example.com',
  prefix: 'postfold-',
  tlsSecret: 'postfold/tls',
  ownNames: [],
  routes: [],
  tasks: 2,
  natGateways: 1,
};

/**
 * The settings out of the CDK context (`cdk deploy -c hostname=mx.example.com -c tasks=1`); lists
 * are separated by blanks. Throws on what is no number.
 */
export function settingsFromContext(context: (name: string) => unknown): PostfoldSettings {
  const text = (name: string) => {
    const value = context(name);
    return value === undefined || value === '' ? undefined : String(value);
  };
  const list = (name: string) => text(name)?.split(/\s+/) ?? [];
  const count = (name: string, otherwise: number) => {
    const value = text(name) ?? String(otherwise);
    if (!/^[1-9]\d{0,2}$/.test(value)) throw new Error(`${name} is '${value}', not a number from 1 to 999`);
    return Number(value);
  };
  const retry = text('retry');
  const warn = text('warn');
  return {
    hostname: text('hostname') ?? defaultSettings.hostname,
    prefix: text('prefix') ?? defaultSettings.prefix,
    tlsSecret: text('tlsSecret') ?? defaultSettings.tlsSecret,
    ownNames: list('ownNames'),
    routes: list('routes'),
    ...(retry === undefined ? {} : { retry }),
    ...(warn === undefined ? {} : { warn }),
    tasks: count('tasks', defaultSettings.tasks),
    natGateways: count('natGateways', defaultSettings.natGateways),
  };
}
