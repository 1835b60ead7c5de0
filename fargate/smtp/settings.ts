/** The settings of the SMTP server, read once from the environment of its container. */
import { defaultMaxMessageOctets } from '../../core/protocol/smtp/limits.ts';

import {
  type Environment,
  type ListenerSettings,
  type Places,
  readPlaces as readCommonPlaces,
  readListener,
  required,
  whole,
} from '../shared/environment.ts';

export interface SmtpServerSettings extends ListenerSettings {
  /** Our name in greeting and trace fields; the same as ingest's, and the MX record's. */
  readonly hostname: string;
  /** Undefined: not served. 0 takes any free port. */
  readonly port: number | undefined;
  readonly submissionPort: number | undefined;
  readonly submissionsPort: number | undefined;
  readonly maxMessageOctets: number;
  /** Recipients elsewhere that one account may send to in a day, on each task; 0: any number. */
  readonly recipientsPerDay: number;
}

export const defaultSettings: SmtpServerSettings = {
  hostname: 'localhost',
  host: '0.0.0.0',
  port: 25,
  submissionPort: 587,
  submissionsPort: 465,
  proxyProtocol: false,
  maxConnections: 2000,
  maxPerAddress: 50,
  maxMessageOctets: defaultMaxMessageOctets,
  recipientsPerDay: 2000,
  insecureAuth: false,
  drainMs: 110_000,
};

/** The names are the contract with the deployed task; what is missing or malformed throws at start. */
export function readSettings(env: Environment): SmtpServerSettings {
  return {
    ...readListener(env, defaultSettings),
    hostname: required('POSTFOLD_HOSTNAME', env),
    port: whole('POSTFOLD_SMTP_PORT', env, 25),
    submissionPort: whole('POSTFOLD_SUBMISSION_PORT', env, 587),
    submissionsPort: whole('POSTFOLD_SUBMISSIONS_PORT', env, 465),
    maxMessageOctets: whole('POSTFOLD_MAX_MESSAGE_OCTETS', env, defaultSettings.maxMessageOctets),
    recipientsPerDay: whole('POSTFOLD_MAX_RECIPIENTS_PER_DAY', env, defaultSettings.recipientsPerDay),
  };
}

export interface SmtpPlaces extends Places {
  /** Name or ARN. */
  readonly ingestFunction: string;
}

export function readPlaces(env: Environment): SmtpPlaces {
  return { ...readCommonPlaces(env), ingestFunction: required('POSTFOLD_INGEST_FUNCTION', env) };
}
