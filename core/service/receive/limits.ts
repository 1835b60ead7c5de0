/** Limits of `ingest`, in one place. */

/** Received fields of a message that has been round too often; RFC 5321 6.3 asks for 100 at least. */
export const maxReceivedFields = 100;
/** Octets of a header; a longer one is refused, since it is read as a whole. */
export const maxHeaderOctets = 512 * 1024;
/** Signatures of a message; each costs a DNS question and a public-key operation. */
export const maxSignatures = 50;
/** Author addresses of a submitted message that are looked up. */
export const maxAuthors = 20;
