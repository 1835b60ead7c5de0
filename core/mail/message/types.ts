// What the MIME index is made of, as types only. Offsets count octets of the message as
// stored, from 0, ends exclusive. Knows nothing of storage or sessions.
// RFC 2045 (parts), RFC 9051 6.4.5.1 (part numbers), RFC 9051 7.5.2 (wire texts).

/** One part, with what is needed to find and decode it: what `encodeParts` keeps. */
export interface PartNode {
  /** The IMAP section that fetches the body: `1`, `2.1`; `TEXT`, `2.TEXT` for a multipart without a number. */
  readonly path: string;
  /** Lower case, for instance `text`. */
  readonly type: string;
  /** Lower case, for instance `plain`. */
  readonly subtype: string;
  /** Content-Transfer-Encoding in lower case; `7bit` if absent. */
  readonly encoding: string;
  /** Charset parameter in lower case; `us-ascii` for text without one. */
  readonly charset: string | undefined;
  /** Lower case, for instance `attachment`. */
  readonly disposition: string | undefined;
  /** Decoded file name (of the disposition, else the type's name parameter), without path. */
  readonly filename: string | undefined;
  readonly headerStart: number;
  /** First octet after the empty line; also the end of the header. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Octets of the body, `bodyEnd - bodyStart`. */
  readonly sizeBytes: number;
  /** LF octets in the body, for text and embedded messages; else 0. */
  readonly lines: number;
  /** Parts of a multipart; the one top part of an embedded message; else empty. */
  readonly children: readonly PartNode[];
}

/** A part as the indexer saw it, with the values that only the wire text keeps. */
export interface IndexedPart extends PartNode {
  /** Content-Type parameters by lower-case name; RFC 2231 values joined, not decoded (`name*`). */
  readonly parameters: readonly Parameter[];
  readonly dispositionParameters: readonly Parameter[];
  readonly id: string | undefined;
  readonly description: string | undefined;
  readonly md5: string | undefined;
  readonly languages: readonly string[];
  readonly location: string | undefined;
  /** ENVELOPE wire text of an embedded message's top part; else undefined. */
  readonly envelope: string | undefined;
  readonly children: readonly IndexedPart[];
}

/** A parameter as written: each char of `value` is one octet. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

export interface Attachment {
  readonly path: string;
  readonly filename: string | undefined;
  /** `type/subtype`, lower case. */
  readonly type: string;
  /** Octets as stored, that is, transfer-encoded. */
  readonly sizeBytes: number;
}

export interface MessageIndex {
  readonly sizeBytes: number;
  /** Offset of the first body octet. The header is `[0, headerEnd)`. */
  readonly headerEnd: number;
  /** ENVELOPE, ready for the wire, pure ASCII. */
  readonly envelope: string;
  /** BODY (without extension data), ready for the wire, pure ASCII. */
  readonly body: string;
  /** BODYSTRUCTURE, ready for the wire, pure ASCII. */
  readonly bodyStructure: string;
  readonly parts: IndexedPart;
  /** At most 200 code points, white space folded; may be empty. */
  readonly preview: string;
  readonly attachments: readonly Attachment[];
  /** With angle brackets, as is. */
  readonly messageId: string | undefined;
  /** The first message id of In-Reply-To. */
  readonly inReplyTo: string | undefined;
  readonly references: readonly string[];
  /** Decoded, NFC, unfolded. */
  readonly subject: string | undefined;
  /** Decoded, NFC: `Name <local@host>, local@host`. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly cc: string | undefined;
  /** The Date field in ms since 1970, if it can be read. */
  readonly dateMs: number | undefined;
}

/** What a message record keeps of the index. */
export interface RecordedIndex extends Pick<MessageIndex, 'envelope' | 'bodyStructure' | 'preview'> {
  readonly parts: PartNode;
}

/** A header field where it lies. Each char of `rawValue` is one octet; folding is kept. */
export interface HeaderField {
  /** As written, without blanks before the colon. */
  readonly name: string;
  /** All after the colon, without the last line break. */
  readonly rawValue: string;
  /** Offset of the name's first octet in the header. */
  readonly start: number;
  /** Offset after the last line break of the field. */
  readonly end: number;
}

export interface MailAddress {
  readonly kind: 'address';
  /** Display name, quotes and escapes removed, encoded-words left; undefined if none. Chars are octets. */
  readonly name: string | undefined;
  /** Obsolete source route, `@a,@b` (RFC 5322 4.4). */
  readonly route: string | undefined;
  readonly localPart: string;
  /** Empty if the address has none. */
  readonly domain: string;
}

/** RFC 5322 3.4 group: an opening with its name, the members after it, an end. */
export type AddressItem =
  | MailAddress
  | { readonly kind: 'group-start'; readonly name: string }
  | { readonly kind: 'group-end' };
