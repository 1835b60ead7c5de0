/** The messages of the chaos runs: each has a token of its own and a hash over all that its sender wrote. */
import { createHash } from 'node:crypto';

export interface Letter {
  readonly token: string;
  readonly octets: Buffer;
  readonly hash: string;
}

/** The first field; what servers put before it is not the sender's. */
export const tokenField = 'X-Chaos-Token';

/** About `sizeBytes` octets of lines that begin with dots now and then. */
export function writeLetter(token: string, sizeBytes: number, random: () => number): Letter {
  const lines: string[] = [];
  for (let written = 0; written < sizeBytes; written += 70) {
    const word = Math.floor(random() * 2 ** 40).toString(36);
    lines.push(`${random() < 0.1 ? '.' : ''}${word.repeat(9).slice(0, 66)}`);
  }
  const head = [
    `${tokenField}: ${token}`,
    'From: Alice <alice@example.test>',
    'To: undisclosed-recipients:;',
    `Subject: chaos ${token}`,
    'Date: Mon, 02 Mar 2026 10:00:00 +0000',
    `Message-ID: <${token}@chaos.example.org>`,
  ];
  const octets = Buffer.from(`${[...head, '', ...lines].join('\r\n')}\r\n`, 'latin1');
  return { token, octets, hash: hashOf(octets) };
}

/** Of a message or of its header; a notification quotes the header of another one further down. */
export function tokenOf(octets: Buffer): string | undefined {
  const end = octets.indexOf('\r\n\r\n');
  const header = octets.toString('latin1', 0, end < 0 ? octets.length : end);
  return new RegExp(`^${tokenField}: (\\S+)`, 'm').exec(header)?.[1];
}

/** Of what stands from the token field on. */
export function hashOf(octets: Buffer): string {
  const start = Math.max(0, octets.indexOf(`${tokenField}:`));
  return createHash('sha256').update(octets.subarray(start)).digest('base64url');
}
