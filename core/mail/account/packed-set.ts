/**
 * Sets of UIDs as entries store them: the gaps between ranges in base 36, since a set of
 * many lone UIDs must stay small (docs/log.md, "Packed forms"): `1:5,9` is `1+4,4`.
 */
import { formatUidSet, readUidSet } from '../uid-set.ts';
import type { UidSetText } from './entry.ts';

export function packUidSet(set: UidSetText): string {
  let before = 0;
  const items: string[] = [];
  for (const [start, end] of readUidSet(set)) {
    const gap = (start - before).toString(36);
    items.push(start === end ? gap : `${gap}+${(end - start).toString(36)}`);
    before = end;
  }
  return items.join(',');
}

export function unpackUidSet(packed: string): UidSetText {
  if (packed === '') return '';
  let before = 0;
  const ranges: [number, number][] = [];
  for (const item of packed.split(',')) {
    const [gap, more] = item.split('+');
    const start = before + Number.parseInt(gap ?? '', 36);
    const end = start + (more === undefined ? 0 : Number.parseInt(more, 36));
    ranges.push([start, end]);
    before = end;
  }
  return formatUidSet(ranges);
}
