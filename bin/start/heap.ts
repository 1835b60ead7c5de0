/**
 * How freely the heap of a whole Postfold in one process grows. V8 collects when a heap has grown by a
 * third or less, and counts the octets that come in from sockets, 5 MB for a mail of 5 MB: without this the
 * collector walks through a heap of 35 MB for every second large mail, at more CPU than the mail itself takes.
 */
import { setFlagsFromString } from 'node:v8';

/** Of what was alive after the last collection; the most memory is as V8 limits it (--max-old-space-size). */
const growthPercent = 100;

/** V8 reads the flag each time it plans the next collection, so it may be set while it runs. */
export function growHeapFreely(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
}
