/** The limits of packs: how much is inflated or held at a time, whatever the messages are. */

/** Records of one block: what is inflated to read one of them. */
export const maxBlockRecords = 128;
/** Octets of one column of a block, inflated. A block is closed before it has more. */
export const maxBlockOctets = 256 * 1024;
/** Records above this are not packed: their owner reads them from the table each time. */
export const maxRecordOctets = 32 * 1024;
/** Records of one pack: what is read from the bucket at once. */
export const maxPackRecords = 2048;
/** Octets of its records before compression, at most; one block more may be begun below it. */
export const maxPackOctets = 4 * 1024 * 1024;
