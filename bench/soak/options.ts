/** What a soak is told on its command line. */
import { parseArgs } from 'node:util';

export interface SoakOptions {
  readonly minutes: number;
  /** IMAP sessions that idle. */
  readonly idle: number;
  /** One in so many of them over TLS; 0 for none. */
  readonly tlsEvery: number;
  /** SMTP connections that deliver. */
  readonly deliver: number;
  /** Messages per second, of all of them together. */
  readonly rate: number;
  /** Clients of each kind that read or write too slowly. */
  readonly slow: number;
}

export function soakOptions(args: readonly string[]): SoakOptions {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: text('10'),
      idle: text('1000'),
      'tls-every': text('0'),
      deliver: text('50'),
      rate: text('10'),
      slow: text('10'),
    },
  });
  return {
    minutes: positive('minutes', values.minutes),
    idle: positive('idle', values.idle),
    tlsEvery: Number(values['tls-every']),
    deliver: positive('deliver', values.deliver),
    rate: positive('rate', values.rate),
    slow: Number(values.slow),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} ${text} is no positive number`);
  return value;
}
