/** `postfold domain dkim`: signing keys, and the DNS records that publish them. */
import {
  addDkimKey,
  type DkimRecord,
  listDkimKeys,
  removeDkimKey,
} from '../../core/service/provision/dkim.ts';
import type { Outcome } from '../../core/service/provision/outcome.ts';
import { type Answer, answer, type Leaf, text, UsageError } from './leaf.ts';

const algorithms = { rsa: ['rsa'], ed25519: ['ed25519'], both: ['rsa', 'ed25519'] } as const;

export const dkimLeaves: readonly Leaf[] = [
  {
    usage: 'add <domain>',
    about: 'make keys for a domain and print the DNS records to publish',
    examples: ['domain dkim add example.org', 'domain dkim add example.org --algorithm rsa --selector mail1'],
    options: [
      ['--algorithm <name>', 'rsa (2048 bits), ed25519, or both'],
      ['--selector <name>', "name of the key in DNS; '-rsa' or '-ed25519' is added for both"],
    ],
    run: async ({ provision, now }, [domain = ''], options) => {
      const wanted = algorithmsOf(text(options, 'algorithm') ?? 'both');
      const stem = text(options, 'selector');
      const made: DkimRecord[] = [];
      for (const algorithm of wanted) {
        const selector =
          stem !== undefined && wanted.length === 1 ? stem : `${stem ?? month(now())}-${algorithm}`;
        const record = await addDkimKey(provision, domain, algorithm, selector);
        if ('refused' in record) return made.length === 0 ? record : partly(made, record.refused);
        made.push(record.done);
      }
      return { done: shown(made) };
    },
  },
  {
    usage: 'list <domain>',
    about: 'list the keys of a domain with their DNS records',
    examples: ['domain dkim list example.org'],
    run: async ({ provision }, [domain = '']) => answer(await listDkimKeys(provision, domain), shown),
  },
  {
    usage: 'remove <domain> <selector>',
    about: 'stop signing with a key; leave its DNS record for some days',
    examples: ['domain dkim remove example.org pf202611-rsa'],
    run: async ({ provision }, [domain = '', selector = '']) =>
      answer(await removeDkimKey(provision, domain, selector), (record) => ({
        text: `DKIM key ${record.selector} removed`,
        json: record,
      })),
  },
];

function algorithmsOf(name: string): readonly ('rsa' | 'ed25519')[] {
  if (name === 'rsa' || name === 'ed25519' || name === 'both') return algorithms[name];
  throw new UsageError(`--algorithm is rsa, ed25519 or both, not '${name}'`);
}

/** 'pf202611': so that the next rotation has another name. */
function month(nowMs: number): string {
  return `pf${new Date(nowMs).toISOString().slice(0, 7).replace('-', '')}`;
}

function partly(made: readonly DkimRecord[], refused: string): Outcome<Answer> {
  return { refused: `${refused} (made: ${made.map(({ selector }) => selector).join(', ')})` };
}

function shown(records: readonly DkimRecord[]): Answer {
  return { text: records.map(zoneLine).join('\n') || 'no DKIM keys', json: records };
}

/** A line for a zone file; one string of a TXT record has at most 255 octets (RFC 1035 3.3). */
function zoneLine({ name, text: value }: DkimRecord): string {
  const strings = value.match(/.{1,255}/g) ?? [];
  return `${name}. IN TXT ${strings.map((part) => `"${part}"`).join(' ')}`;
}
