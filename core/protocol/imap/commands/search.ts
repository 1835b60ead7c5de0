/** SEARCH and UID SEARCH (RFC 3501 6.4.4), ESEARCH (RFC 4731), MODSEQ (RFC 7162 3.1.5), WITHIN (RFC 5032). */
import { formatUidSet, uidSetOf } from '../../../mail/uid-set.ts';
import type { SearchCommand, SearchReturn } from '../command.ts';
import type { SelectedContext } from '../context.ts';
import type { Handler } from '../handler.ts';
import { MAX_SEARCH_MS } from '../limits.ts';
import { no, ok } from '../response/status.ts';
import { compile } from '../search/matcher.ts';
import { searchRows } from '../search/search.ts';
import type { SearchKey } from '../search-key.ts';

export const search: Handler<'SEARCH'> = {
  state: 'selected',
  capabilities: ['ESEARCH', 'WITHIN'],
  holdsExpunge: ({ byUid }) => !byUid,
  async run(context, command) {
    const { charset, key } = command;
    if (charset !== undefined && charset !== 'UTF-8' && charset !== 'US-ASCII') {
      return no(
        'BADCHARSET (US-ASCII UTF-8)',
        `Charset ${charset.replace(/[^A-Z0-9._-]/g, '?')} is not known`,
      );
    }
    if (usesModSeq(key)) context.enabled.add('CONDSTORE');
    const { selected, account, deps } = context;
    const startMs = deps.clock.now();
    const expired = () => deps.clock.now() - startMs > MAX_SEARCH_MS;
    const matches = compile(key, selected, startMs);
    const rows = await searchRows({ account, textOf: deps.textOf, expired }, selected, matches);
    if (!rows) return no('LIMIT', 'The search took too long');
    context.out.line(`* ${responseText(context, command, rows)}`);
    return ok('Searched');
  },
};

function usesModSeq(key: SearchKey): boolean {
  switch (key.key) {
    case 'modseq':
      return true;
    case 'and':
      return key.keys.some(usesModSeq);
    case 'or':
      return usesModSeq(key.left) || usesModSeq(key.right);
    case 'not':
      return usesModSeq(key.of);
    default:
      return false;
  }
}

function responseText(context: SelectedContext, command: SearchCommand, rows: readonly number[]): string {
  const { columns } = context.selected;
  const numbers = rows.map((row) => (command.byUid ? (columns.uid[row] ?? 0) : row + 1));
  // RFC 7162 3.1.5: the highest mod-sequence of what was found, when MODSEQ was among the keys.
  const withModSeq = usesModSeq(command.key) && rows.length > 0;
  const modSeq = rows.reduce((most, row) => Math.max(most, columns.modSeq(row)), 0);
  if (!command.returns) return ['SEARCH', ...numbers].join(' ') + (withModSeq ? ` (MODSEQ ${modSeq})` : '');
  const items = command.returns.flatMap((option) => returnItem(option, numbers));
  if (withModSeq) items.push(`MODSEQ ${modSeq}`);
  const head = ['ESEARCH', `(TAG "${context.tag}")`, ...(command.byUid ? ['UID'] : [])];
  return [...head, ...items].join(' ');
}

/** RFC 4731 3.1: MIN, MAX and ALL are left out when nothing was found. */
function returnItem(option: SearchReturn, numbers: readonly number[]): readonly string[] {
  if (option === 'COUNT') return [`COUNT ${numbers.length}`];
  if (numbers.length === 0) return [];
  if (option === 'MIN') return [`MIN ${numbers[0]}`];
  if (option === 'MAX') return [`MAX ${numbers.at(-1)}`];
  return [`ALL ${formatUidSet(uidSetOf(numbers))}`];
}
