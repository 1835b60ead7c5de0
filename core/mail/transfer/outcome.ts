/**
 * What came of one attempt for one recipient, mapped from reply codes and error kinds, never
 * from the wording of a reply. RFC 5321 4.2.1 and 4.5.3.1.10, RFC 3463, RFC 2034, RFC 7504.
 */

interface Answer {
  /** RFC 3463 status; its class fits the kind (2, 4, 5). */
  readonly status: string;
  /** One line, at most 500 octets. */
  readonly reply: string;
  /** Set when `reply` is the remote's text. */
  readonly replyBy?: 'remote';
  readonly remoteHost?: string;
}

export type DeliveryOutcome =
  | (Answer & { readonly kind: 'delivered' })
  | (Answer & { readonly kind: 'deferred'; readonly retryAfterMs?: number })
  | (Answer & { readonly kind: 'failed' });

/** What the reply answers: the greeting counts as a command. */
export type SmtpPhase = 'greeting' | 'ehlo' | 'auth' | 'mail' | 'rcpt' | 'data' | 'message';

export interface SmtpReply {
  /** 200 to 599. */
  readonly code: number;
  /** The lines joined by LF, without the code; an enhanced status may stand in front of the first. */
  readonly text: string;
}

/** Why there is no reply at all. */
export type TransferTrouble = 'unreachable' | 'timeout' | 'dropped' | 'protocol' | 'tls' | 'dns' | 'local';

const troubleStatus: Readonly<Record<TransferTrouble, string>> = {
  unreachable: '4.4.1',
  timeout: '4.4.1',
  dropped: '4.4.2',
  protocol: '4.5.0',
  tls: '4.7.5',
  dns: '4.4.3',
  local: '4.3.0',
};

/**
 * The outcome that a reply means to the recipients it was about. Only the answer to the message itself says
 * `delivered`: a 2xx elsewhere is either no outcome yet, which the caller knows, or out of place.
 */
export function outcomeOfReply(reply: SmtpReply, phase: SmtpPhase, remoteHost: string): DeliveryOutcome {
  const { status: given, rest } = splitStatus(reply.text);
  const kind = kindOf(reply.code, phase, given);
  const klass = kind === 'delivered' ? '2' : kind === 'deferred' ? '4' : '5';
  const status = given?.startsWith(klass) ? given : `${klass}${plainStatus(reply.code, phase, kind)}`;
  const shown = given ? `${reply.code} ${given} ${rest}` : `${reply.code} ${reply.text}`;
  return { kind, status, reply: oneLine(shown), replyBy: 'remote', remoteHost };
}

/** The outcome of trouble without a reply: always deferred, expiry decides in the end. */
export function outcomeOfTrouble(
  trouble: TransferTrouble,
  words: string,
  remoteHost?: string,
): DeliveryOutcome {
  return {
    kind: 'deferred',
    status: troubleStatus[trouble],
    reply: oneLine(words),
    ...(remoteHost ? { remoteHost } : {}),
  };
}

/** A refusal by ourselves, final; `status` is of class 5. */
export function failedByUs(status: string, words: string, remoteHost?: string): DeliveryOutcome {
  return { kind: 'failed', status, reply: oneLine(words), ...(remoteHost ? { remoteHost } : {}) };
}

/** One line without control characters, at most 500 octets of UTF-8, cut between characters. */
export function oneLine(text: string): string {
  const flat = text.replace(/[\u0000-\u001f\u007f\u0080-\u009f]+/g, ' ').trim();
  if (Buffer.byteLength(flat) <= 500) return flat;
  let cut = flat.slice(0, 500);
  while (Buffer.byteLength(cut) > 497) cut = cut.slice(0, -1);
  return `${cut.toWellFormed().replace(/\ufffd$/, '')}...`;
}

function kindOf(code: number, phase: SmtpPhase, given: string | undefined): DeliveryOutcome['kind'] {
  if (code < 300 && phase === 'message') return 'delivered';
  if (code < 500) return 'deferred'; // 2xx and 3xx where none belongs are trouble of theirs
  // 552 to RCPT is an old way to say "too many recipients", unless a status says otherwise (RFC 5321 4.5.3.1.10).
  if (code === 552 && phase === 'rcpt' && given === undefined) return 'deferred';
  // A server that greets with 554 may have a neighbour that works; 521 and 556 mean never (RFC 7504).
  if (phase === 'greeting' || phase === 'ehlo') return code === 521 || code === 556 ? 'failed' : 'deferred';
  if (phase === 'auth') return 'deferred'; // our own settings are wrong: somebody will mend them
  return 'failed';
}

/** Subject and detail of RFC 3463 for a bare code; '.0.0' where the code alone does not tell. */
function plainStatus(code: number, phase: SmtpPhase, kind: DeliveryOutcome['kind']): string {
  if (code < 400) return kind === 'delivered' ? '.0.0' : '.5.0';
  if (phase === 'auth') return '.7.0';
  switch (code) {
    case 421:
      return '.3.2';
    case 450:
    case 451:
      return '.0.0';
    case 452:
      return phase === 'rcpt' ? '.5.3' : '.3.1';
    case 500:
    case 502:
      return '.5.1';
    case 501:
    case 555:
      return '.5.4';
    case 503:
      return '.5.0';
    case 521:
    case 556:
      return '.3.2';
    case 530:
    case 535:
      return '.7.0';
    case 551:
      return '.1.6';
    case 552:
      if (phase !== 'rcpt') return '.3.4';
      return kind === 'deferred' ? '.5.3' : '.2.2';
    case 553:
      return '.1.3';
    default:
      return '.0.0';
  }
}

function splitStatus(text: string): { readonly status: string | undefined; readonly rest: string } {
  const match = /^([245]\.\d{1,3}\.\d{1,3})(?: +|$)/.exec(text);
  if (!match) return { status: undefined, rest: text };
  return { status: match[1], rest: text.slice(match[0].length) };
}
