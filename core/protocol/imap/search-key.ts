/** What SEARCH asks, as a tree of values (RFC 3501 6.4.4, RFC 5032, RFC 7162 3.1.5). */
import type { SequenceSet } from '../../mail/uid-set.ts';

export type SearchKey =
  | { readonly key: 'all' }
  | { readonly key: 'and'; readonly keys: readonly SearchKey[] }
  | { readonly key: 'or'; readonly left: SearchKey; readonly right: SearchKey }
  | { readonly key: 'not'; readonly of: SearchKey }
  | { readonly key: 'sequence' | 'uid'; readonly set: SequenceSet }
  /** Canonical spelling; `\Recent` too. */
  | { readonly key: 'flag'; readonly flag: string }
  /** Days since 1970, time and zone left out (RFC 3501 6.4.4). */
  | { readonly key: 'before' | 'on' | 'since'; readonly day: number }
  | { readonly key: 'sentbefore' | 'senton' | 'sentsince'; readonly day: number }
  /** Seconds before now (RFC 5032). */
  | { readonly key: 'older' | 'younger'; readonly seconds: number }
  | { readonly key: 'larger' | 'smaller'; readonly octets: number }
  /** `field` in lower case; an empty text asks whether the field is there. */
  | { readonly key: 'header'; readonly field: string; readonly text: string }
  | { readonly key: 'body' | 'text'; readonly text: string }
  | { readonly key: 'modseq'; readonly atLeast: number };
