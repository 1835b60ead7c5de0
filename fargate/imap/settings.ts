/** The settings of the IMAP server, read once from the environment of its container. */
import { MAX_APPEND_OCTETS } from '../../core/protocol/imap/limits.ts';

import {
  type Environment,
  type ListenerSettings,
  type Places,
  readPlaces as readCommonPlaces,
  readListener,
  whole,
} from '../shared/environment.ts';

export interface ImapSettings extends ListenerSettings {
  /** Clear text with STARTTLS; 0 takes any free port. */
  readonly port: number;
  /** Implicit TLS (RFC 8314 3.2); undefined: not served. */
  readonly tlsPort: number | undefined;
  /** Octets of a message given to APPEND. */
  readonly maxAppendOctets: number;
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

/** The names are the contract with the deployed task; a bad number throws at start. */
export function readSettings(env: Environment): ImapSettings {
  return {
    ...readListener(env, defaultSettings),
    port: whole('POSTFOLD_IMAP_PORT', env, defaultSettings.port),
    tlsPort: whole('POSTFOLD_IMAPS_PORT', env, 993),
    maxAppendOctets: whole('POSTFOLD_MAX_MESSAGE_OCTETS', env, defaultSettings.maxAppendOctets),
  };
}

export interface ImapPlaces extends Places {
  /** Where delivery rings. */
  readonly bellPort: number;
}

export function readPlaces(env: Environment): ImapPlaces {
  return { ...readCommonPlaces(env), bellPort: whole('POSTFOLD_BELL_PORT', env, 0) };
}
