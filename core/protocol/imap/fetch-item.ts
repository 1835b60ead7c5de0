/** What FETCH can ask of a message, as values (RFC 3501 6.4.5, RFC 7162 3.1.4). */

export type FetchItem =
  /** From the columns of the mailbox. */
  | { readonly item: 'FLAGS' | 'UID' | 'INTERNALDATE' | 'RFC822.SIZE' | 'MODSEQ' }
  /** From the message's record. */
  | { readonly item: 'ENVELOPE' | 'BODYSTRUCTURE' | 'BODY' }
  | SectionItem;

/** Octets of the message. */
export interface SectionItem {
  readonly item: 'SECTION';
  /** How the response names it: `BODY[1.MIME]`, `RFC822`. */
  readonly label: string;
  readonly section: Section;
  /** First octet and largest number of octets. */
  readonly partial: { readonly start: number; readonly count: number } | undefined;
  /** Leaves \Seen alone. */
  readonly peek: boolean;
}

/** RFC 3501 section-spec: `part` is `1.2`, or '' for the message itself. */
export interface Section {
  readonly part: string;
  readonly text: 'ALL' | 'HEADER' | 'TEXT' | 'MIME' | 'FIELDS' | 'FIELDS.NOT';
  /** As the client spelled them; only with FIELDS and FIELDS.NOT. */
  readonly fields: readonly string[];
}
