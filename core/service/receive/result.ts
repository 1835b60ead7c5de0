/** The answers of `ingest`, each named by what it means (RFC 5321 4.2.3, RFC 3463). */
import type { MessageId } from '../../mail/ids.ts';
import type { IngestResult } from './event.ts';

export const result = {
  queued: (id: MessageId): IngestResult => ({ code: 250, status: '2.0.0', text: `queued as ${id}` }),
  overQuota: { code: 452, status: '4.2.2', text: 'Mailbox full' },
  noAccount: { code: 550, status: '5.1.1', text: 'No such mailbox' },
  loop: { code: 554, status: '5.4.6', text: 'Too many hops, this is a loop' },
  headerTooLarge: { code: 554, status: '5.6.0', text: 'Header too large' },
  severalFrom: (fields: number): IngestResult => ({
    code: 550,
    status: '5.6.0',
    text: `Message has ${fields} From fields, and may have one`,
  }),
  tooManySignatures: { code: 554, status: '5.6.0', text: 'Too many signatures' },
  noAuthor: { code: 550, status: '5.6.0', text: 'Message needs a From field with an address' },
  notYours: (author: string): IngestResult => ({
    code: 550,
    status: '5.7.1',
    text: `From address ${author} is not yours`,
  }),
  policy: (domain: string): IngestResult => ({
    code: 550,
    status: '5.7.1',
    text: `Refused by the DMARC policy of ${domain}`,
  }),
  undecided: (domain: string): IngestResult => ({
    code: 451,
    status: '4.7.1',
    text: `DNS of ${domain} does not answer, try again later`,
  }),
} as const;
