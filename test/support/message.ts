/** Messages for the tests: composed by nodemailer, random attachments, and their hashes. */
import { createHash, randomBytes } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';

export interface Composed {
  readonly octets: Buffer;
  readonly attachments: readonly Buffer[];
}

/** A message of about `sizeBytes` octets: text, HTML and two random attachments. */
export async function compose(sizeBytes: number, subject = 'A large one'): Promise<Composed> {
  const attachments = [0.7, 0.3].map((share) => randomBytes(Math.floor((sizeBytes * share * 54) / 74)));
  const composer = new MailComposer({
    from: 'Sender <sender@example.org>',
    to: 'Alice <alice@example.test>',
    subject,
    text: 'Zwölf Boxkämpfer jagen Viktor.',
    html: '<p>Zwölf <b>Boxkämpfer</b></p>',
    attachments: attachments.map((content, n) => ({ filename: `part-${n}.bin`, content })),
  });
  const built = await composer.compile().build();
  return { octets: Buffer.concat([built, Buffer.from('\r\n')]), attachments };
}

export function sha256(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

/** Header fields that a server puts in front: everything before the field that the sender wrote first. */
export function withoutTrace(octets: Buffer, firstField: string): Buffer {
  const at = octets.indexOf(`${firstField}:`);
  return octets.subarray(Math.max(at, 0));
}
