// The limits of the MIME index, all in one place. What is past a limit is left out of the
// index; the message itself and the offsets of what was indexed are never touched.
// Together they keep a whole index under one DynamoDB item (400 KB) and memory constant.

/** Nesting of parts; a container deeper than this is an opaque leaf. */
export const MAX_DEPTH = 50;
/** Parts of one message; the last one is an opaque leaf that holds the rest. */
export const MAX_PARTS = 1000;
/** Octets of one part's header that are looked at. */
export const MAX_HEADER_BYTES = 256 * 1024;
/** Fields of one header that are looked at. */
export const MAX_HEADER_FIELDS = 4000;
/** Octets of a delimiter line, padding included. RFC 2046 5.1.1 allows 70 of boundary. */
export const MAX_DELIMITER_LINE_BYTES = 512;
/** Octets of one unstructured header value (subject, description). */
export const MAX_VALUE_BYTES = 4096;
/** Octets of one address field that are parsed. */
export const MAX_ADDRESS_FIELD_BYTES = 128 * 1024;
/** Addresses of one field. */
export const MAX_ADDRESSES = 2000;
/** Nested comments in a header value. */
export const MAX_COMMENT_DEPTH = 50;
/** Characters of the message's own ENVELOPE. */
export const MAX_ENVELOPE_CHARS = 48 * 1024;
/** Characters of names and values in the structure, embedded envelopes included. */
export const MAX_STRUCTURE_TEXT_CHARS = 64 * 1024;
/** Parameters of one Content-Type or Content-Disposition. */
export const MAX_PARAMETERS = 64;
/** Octets of one parameter value after its sections are joined. */
export const MAX_PARAMETER_VALUE_BYTES = 2048;
/** Characters of each decoded display list (from, to, cc). */
export const MAX_DISPLAY_CHARS = 4096;
/** Message ids kept from References. */
export const MAX_REFERENCES = 100;
/** Characters of all message ids kept from References. */
export const MAX_REFERENCES_CHARS = 8192;
/** Characters of one message id. */
export const MAX_MESSAGE_ID_CHARS = 998;
/** Octets of the text part that the preview is made from. */
export const MAX_PREVIEW_SOURCE_BYTES = 16 * 1024;
/** Code points of the preview. RFC 8970 3.1 allows 256. */
export const MAX_PREVIEW_CODE_POINTS = 200;
/** Entries in the attachment list. */
export const MAX_ATTACHMENTS = 100;
/** Characters of a decoded file name. */
export const MAX_FILENAME_CHARS = 255;
