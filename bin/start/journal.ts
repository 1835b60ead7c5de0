/**
 * What a running Postfold writes: one JSON line per event of a message or session on standard
 * error. Events carry who, what and outcome; never bodies, subjects or credentials.
 */
import { logLine } from '../../fargate/shared/log-line.ts';
import type { ServerEvent } from '../../fargate/smtp/server.ts';

export interface Journal {
  event(event: { readonly event: string }): void;
  smtp(event: ServerEvent): void;
  problem(what: string, cause: unknown): void;
}

/** Ordinary ends of sessions say nothing that is worth a line on a terminal. */
const quiet = new Set(['smtp.ended', 'pop3.end', 'imap.end']);

export function openJournal(write: (line: string) => void): Journal {
  const line = (fields: object) => write(logLine(fields));
  const event = (fields: { readonly event: string }) => {
    if (!quiet.has(fields.event)) line(fields);
  };
  return {
    event,
    smtp: ({ kind, ...rest }) => event({ event: `smtp.${kind}`, ...rest }),
    problem: (what, cause) =>
      line({ event: 'problem', what, ...(cause === undefined ? {} : { error: cause }) }),
  };
}
