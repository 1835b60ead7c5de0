/** A decision's refusal as a reply (RFC 5530, RFC 3501 7.1): the codes are IMAP's own. */
import type { Refusal } from '../../../service/account/contract.ts';
import { no, type Status } from '../response/status.ts';

export function refused({ code, text }: Refusal): Status {
  return no(code, text);
}

export const readOnly: Status = no(undefined, 'The mailbox was opened for reading only');
