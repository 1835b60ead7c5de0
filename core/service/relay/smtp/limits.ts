/** Every limit of the SMTP client. Times are RFC 5321 4.5.3.2's, shorter where a Lambda cannot wait that long. */

export const limits = {
  /** A whole reply; RFC 5321 4.5.3.1.5 allows 512 octets a line. */
  replyOctets: 64 * 1024,
  replyLines: 128,
  /** Addresses tried in one attempt, over all MX hosts. */
  addressesPerAttempt: 5,
  /** Addresses tried of one MX name where there are other names. */
  addressesPerName: 3,
  /** Of all these, how many get as far as MAIL: who greylists on one host greylists on all. */
  transactionsPerAttempt: 2,
  /** MX records looked at; the rest of a longer list is left out. */
  mxRecords: 20,
  /** Messages up to this size are read once and kept, larger ones are read twice. */
  keptMessageBytes: 1024 * 1024,
  /** Part of the message looked at for From and returned in notifications. */
  headBytes: 256 * 1024,
};

export interface Timeouts {
  readonly connectMs: number;
  readonly greetingMs: number;
  /** EHLO, STARTTLS with its handshake, AUTH, MAIL, RCPT. */
  readonly commandMs: number;
  readonly dataMs: number;
  /** Until the server takes the next block of the message. */
  readonly blockMs: number;
  /** After the final dot: giving up early here is what makes duplicates (RFC 5321 4.5.3.2.6). */
  readonly finalMs: number;
}

export const defaultTimeouts: Timeouts = {
  connectMs: 30_000,
  greetingMs: 120_000,
  commandMs: 180_000,
  dataMs: 120_000,
  blockMs: 180_000,
  finalMs: 600_000,
};
