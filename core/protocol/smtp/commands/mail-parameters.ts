/** The parameters of MAIL, one function each: what they say, or how they are malformed. */
import type { MailCommand } from '../backend.ts';
import { type Reply, reply } from '../reply.ts';
import type { SmtpSettings } from '../settings.ts';

type Said = Partial<Omit<MailCommand, 'reversePath'>> | Reply;
type MailParameter = (value: string, settings: SmtpSettings) => Said;

const malformed = (key: string) => reply(501, '5.5.4', `Malformed ${key}=`);

export const mailParameters: ReadonlyMap<string, MailParameter> = new Map<string, MailParameter>([
  ['SIZE', size],
  ['BODY', body],
  ['SMTPUTF8', (value) => (value === '' ? { smtpUtf8: true } : malformed('SMTPUTF8'))],
  // RFC 4954 5: who submitted it elsewhere. Nobody here is trusted to say that, so it is only checked
  ['AUTH', (value) => (/^(?:<>|(?:[!-*,-<>-~]|\+[0-9A-F]{2}){1,500})$/.test(value) ? {} : malformed('AUTH'))],
]);

/** RFC 1870 6.1: larger than we take is refused before it travels. */
function size(value: string, { maxMessageOctets }: SmtpSettings): Said {
  if (!/^[0-9]{1,20}$/.test(value)) return malformed('SIZE');
  const declaredOctets = Number(value);
  if (declaredOctets <= maxMessageOctets) return { declaredOctets };
  return reply(552, '5.3.4', `Message larger than ${maxMessageOctets} octets`);
}

/** RFC 6152 2. BINARYMIME comes with BDAT or not at all (RFC 3030 3). */
function body(value: string): Said {
  const upper = value.toUpperCase();
  return upper === '7BIT' || upper === '8BITMIME' ? { body: upper } : malformed('BODY');
}
