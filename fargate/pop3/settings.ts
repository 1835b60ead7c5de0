/** The settings of the POP3 server, read once from the environment of its container. */

import { type Environment, type ListenerSettings, readListener, whole } from '../shared/environment.ts';

export interface Pop3Settings extends ListenerSettings {
  /** Clear text with STLS; 0 takes any free port. */
  readonly port: number;
  /** Implicit TLS (RFC 8314 3.3); undefined: not served. */
  readonly tlsPort: number | undefined;
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
export function readSettings(env: Environment): Pop3Settings {
  return {
    ...readListener(env, defaultSettings),
    port: whole('POSTFOLD_POP3_PORT', env, defaultSettings.port),
    tlsPort: whole('POSTFOLD_POP3S_PORT', env, 995),
  };
}
