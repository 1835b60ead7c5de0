/**
 * Bounds the memory of all searches of a process together: a text of 4 MB takes several times that while it is
 * decoded, and each session looks at many. Those that do not fit wait their turn.
 */
import { maxTextOctets, type TextExtractor } from './text.ts';

/** Octets of messages whose text is made at a time. */
const budgetOctets = 32 * 1024 * 1024;

interface Waiting {
  readonly octets: number;
  readonly begin: () => void;
}

/** The same extractor, with at most `maxOctets` of messages under way at a time: first come, first served. */
export function withinBudget(textOf: TextExtractor, maxOctets = budgetOctets): TextExtractor {
  const waiting: Waiting[] = [];
  let left = maxOctets;
  const beginNext = () => {
    for (let next = waiting[0]; next !== undefined && next.octets <= left; next = waiting[0]) {
      waiting.shift();
      left -= next.octets;
      next.begin();
    }
  };
  return async (account, record) => {
    const octets = Math.min(record.body.sizeBytes, maxTextOctets, maxOctets);
    await new Promise<void>((begin) => {
      waiting.push({ octets, begin });
      beginNext();
    });
    try {
      return await textOf(account, record);
    } finally {
      left += octets;
      beginNext();
    }
  };
}
