/** The options of the benchmark. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Parts of scenario names; empty: all. */
  readonly only: readonly string[];
  readonly quick: boolean;
  readonly json: boolean;
  /** Messages of the mailboxes. */
  readonly boxes: readonly number[];
  /** Messages of a mailbox that are appended; the others are copies of them. */
  readonly distinct: number;
  readonly connections: readonly number[];
  /** Seconds of one run. */
  readonly seconds: number;
  /** How often each server has its turn. */
  readonly rounds: number;
  /** Those that are wanted beside Postfold, by name. */
  readonly peers: readonly string[];
  readonly growth: readonly number[];
  /** A path to write the page to; undefined: none is written. */
  readonly page: string | undefined;
  readonly keep: boolean;
  readonly nodeOptions: readonly string[];
}

export const usage = `npm run bench -- [options]

  --quick             mailboxes of 1,000, short runs, no page written: about 2 minutes
  --only <text>       scenarios whose name has this text in it, any case (repeatable)
  --list              names of the scenarios
  --json              results as JSON lines instead of tables
  --boxes <sizes>     messages of the mailboxes, default 1000,10000,100000
  --distinct <n>      messages that differ, of which larger mailboxes are copied, default 100000
  --connections <n>   SMTP connections, default 1,8,32
  --seconds <n>       how long one run lasts, default 3
  --rounds <n>        how often each server has its turn, default 3
  --peers <names>     who runs beside Postfold, default dovecot,postfix,cyrus, the last unpacked
                      from Debian into a temporary folder; also haraka,smtp-server, which come from npm
                      into such a folder; none: nobody
  --growth <sizes>    how the cost grows, default 1000,10000,100000,1000000; 0 leaves it out
  --page <file>       where the page goes, default docs/performance.md of a full run
  --node <option>     an option for the Node of Postfold, such as --cpu-prof (repeatable)
  --keep              leave the temporary folder, with the logs of all servers
`;

/** Throws a TypeError or RangeError that says which option is wrong. */
export function parseOptions(
  args: readonly string[],
): BenchOptions & { readonly help: boolean; readonly list: boolean } {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ help: flag, list: flag, quick: flag, json: flag, keep: flag },
      ...{
        boxes: text,
        distinct: text,
        connections: text,
        seconds: text,
        rounds: text,
        peers: text,
        growth: text,
        page: text,
      },
      only: { type: 'string', multiple: true, default: [] },
      node: { type: 'string', multiple: true, default: [] },
    },
  });
  const { help, list, quick, json, keep, only } = values;
  const partial = quick || only.length > 0;
  return {
    ...{ help, list, quick, json, keep, only, nodeOptions: values.node },
    boxes: numbers('--boxes', values.boxes ?? (quick ? '1000' : '1000,10000,100000')),
    distinct: positive('--distinct', values.distinct ?? '100000'),
    connections: numbers('--connections', values.connections ?? (quick ? '8' : '1,8,32')),
    seconds: positive('--seconds', values.seconds ?? (quick ? '0.4' : '3')),
    rounds: positive('--rounds', values.rounds ?? (quick ? '2' : '3')),
    peers: (values.peers ?? 'dovecot,postfix,cyrus').split(','),
    growth: numbers('--growth', values.growth ?? (partial ? '0' : '1000,10000,100000,1000000')).filter(
      (n) => n > 0,
    ),
    page: values.page ?? (partial ? undefined : 'docs/performance.md'),
  };
}

function numbers(option: string, text: string): readonly number[] {
  const list = text.split(',').map(Number);
  if (list.every((n) => Number.isInteger(n) && n >= 0)) return list;
  throw new RangeError(`${option} takes whole numbers with commas, not '${text}'`);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new RangeError(`${option} takes a number above 0, not '${text}'`);
}
