/** LIST's arguments, with LIST-EXTENDED (RFC 5258 6), SPECIAL-USE (RFC 6154 6) and LIST-STATUS (RFC 5819). */
import { type ListCommand, listReturns, listSelections, type StatusItem } from '../command.ts';
import { MAX_LIST_PATTERNS } from '../limits.ts';
import { decodeMailbox } from './mailbox.ts';
import { scanMailbox, scanStatusItems } from './mailboxes.ts';
import { type Scanner, SyntaxFault } from './scanner.ts';

/** ABNF: [SP "(" [option *(SP option)] ")"] SP mailbox SP mbox-or-pat [SP "RETURN" SP "(" [option *(SP option)] ")"]. */
export function parseList(scanner: Scanner): ListCommand {
  const selection = scanner.looksAt(' (') ? scanSelection(scanner) : undefined;
  const reference = scanMailbox(scanner);
  scanner.space();
  const patterns = scanPatterns(scanner);
  const status: StatusItem[] = [];
  const returns = scanner.skip(' ') ? scanReturns(scanner, status) : undefined;
  return { name: 'LIST', reference, patterns, selection, returns, status };
}

function scanSelection(scanner: Scanner): ListCommand['selection'] {
  scanner.space();
  const options = scanOptions(scanner, listSelections, () => {});
  // RFC 5258 3.1: RECURSIVEMATCH says how to apply another option.
  const base = options.includes('SUBSCRIBED') || options.includes('SPECIAL-USE');
  if (options.includes('RECURSIVEMATCH') && !base)
    throw new SyntaxFault('RECURSIVEMATCH alone selects nothing');
  return options;
}

function scanPatterns(scanner: Scanner): readonly string[] {
  if (!scanner.skip('(')) return [decodeMailbox(scanner.listMailbox())];
  const patterns = [decodeMailbox(scanner.listMailbox())];
  while (scanner.skip(' ')) patterns.push(decodeMailbox(scanner.listMailbox()));
  scanner.expect(')');
  if (patterns.length > MAX_LIST_PATTERNS) throw new SyntaxFault(`more than ${MAX_LIST_PATTERNS} patterns`);
  return patterns;
}

function scanReturns(scanner: Scanner, status: StatusItem[]): ListCommand['returns'] {
  if (scanner.word('RETURN') !== 'RETURN') throw new SyntaxFault('RETURN expected');
  scanner.space();
  return scanOptions(scanner, listReturns, (option) => {
    if (option !== 'STATUS') return;
    scanner.space();
    status.push(...scanStatusItems(scanner));
  });
}

function scanOptions<Option extends string>(
  scanner: Scanner,
  known: readonly Option[],
  onOption: (option: Option) => void,
): readonly Option[] {
  const options = new Set<Option>();
  scanner.expect('(');
  if (scanner.skip(')')) return [];
  do {
    const word = scanner.word('a LIST option');
    const option = known.find((one) => one === word);
    if (!option || options.has(option)) throw new SyntaxFault(`unknown or repeated LIST option ${word}`);
    options.add(option);
    onOption(option);
  } while (scanner.skip(' '));
  scanner.expect(')');
  return [...options];
}
