/**
 * The Resolver port on node:dns, with a time limit per question, questions in flight shared,
 * and a bounded cache. node:dns tells the TTL of addresses only; what it does not tell is
 * kept for a short fixed time. Knows nothing of mail.
 */
import { promises as dns } from 'node:dns';
import { type DnsAnswer, DnsFailure, type MxRecord, type Resolver } from '../mail/ports/resolver.ts';

export interface DnsSettings {
  /** `host:port` of the servers to ask; the machine's own when absent. */
  readonly servers?: readonly string[];
  /** For one attempt; there are two. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

const limits = {
  attemptTimeoutMs: 2500,
  attempts: 2,
  /** The longest that a cached answer is believed, whatever its TTL. */
  maxTtlMs: 300_000,
  /** For types whose TTL node:dns does not tell. */
  unknownTtlMs: 60_000,
  /** For 'no such record' (RFC 2308 5 leaves it to us). */
  negativeTtlMs: 30_000,
  maxCached: 5000,
};

/** No records and names that cannot be; everything else is a failure. */
const absences = { ENODATA: 'no-data', ENOTFOUND: 'no-name', EBADNAME: 'no-name' } as const;

/** What a server that is there says when it does not help. */
const unwilling = new Set(['ESERVFAIL', 'EREFUSED', 'ENOTIMP', 'EFORMERR']);

/** A resolver asking the given servers, or those of the machine. */
export function dnsResolver(settings: DnsSettings = {}): Resolver {
  const timeout = settings.timeoutMs ?? limits.attemptTimeoutMs;
  const client = new dns.Resolver({ timeout, tries: limits.attempts });
  if (settings.servers) client.setServers([...settings.servers]);
  const cache = new AnswerCache(settings.now ?? Date.now);
  const ask = <R>(type: string, name: string, query: () => Promise<Fresh<R>>) =>
    cache.answer(`${type} ${name.toLowerCase()}`, () => answered(type, name, query, timeout));
  const addresses = (rows: readonly { address: string; ttl: number }[]): Fresh<string> => ({
    records: rows.map((row) => row.address),
    ttlMs: Math.min(...rows.map((row) => row.ttl)) * 1000,
  });
  return {
    resolve4: (name) => ask('A', name, async () => addresses(await client.resolve4(name, { ttl: true }))),
    resolve6: (name) => ask('AAAA', name, async () => addresses(await client.resolve6(name, { ttl: true }))),
    resolveMx: (name) => ask('MX', name, async () => plain((await client.resolveMx(name)).map(mx))),
    resolveTxt: (name) =>
      ask('TXT', name, async () => plain((await client.resolveTxt(name)).map((strings) => strings.join('')))),
    resolvePtr: (name) => ask('PTR', name, async () => plain(await client.resolvePtr(name))),
    resolveCname: (name) => ask('CNAME', name, async () => plain(await client.resolveCname(name))),
  };
}

/**
 * Whether the machine's DNS knows the world. A closed network's server may answer, and yet deny
 * that `com` exists: believing it would bounce all mail and fail every check.
 */
export async function dnsAnswers(resolver: Resolver, name = 'com'): Promise<boolean> {
  try {
    return (await resolver.resolveTxt(name)).kind !== 'no-name';
  } catch (error) {
    if (error instanceof DnsFailure) return false;
    throw error;
  }
}

/** Whether a server says anything at all, be it that it does not know or will not tell. */
export async function dnsReplies(resolver: Resolver, name = 'com'): Promise<boolean> {
  try {
    await resolver.resolveTxt(name);
    return true;
  } catch (error) {
    if (!(error instanceof DnsFailure)) throw error;
    return unwilling.has((error.cause as NodeJS.ErrnoException | undefined)?.code ?? '');
  }
}

/** For a machine without DNS: every question fails, so mail without a route waits instead of bouncing. */
export function noDnsResolver(): Resolver {
  const fail = async () => {
    throw new DnsFailure('this machine has no DNS');
  };
  return {
    resolve4: fail,
    resolve6: fail,
    resolveMx: fail,
    resolveTxt: fail,
    resolvePtr: fail,
    resolveCname: fail,
  };
}

interface Fresh<R> {
  readonly records: readonly R[];
  readonly ttlMs: number;
}

interface Timed<R> {
  readonly answer: DnsAnswer<R>;
  readonly ttlMs: number;
}

function mx({ exchange, priority }: MxRecord): MxRecord {
  return { exchange, priority };
}

function plain<R>(records: readonly R[]): Fresh<R> {
  return { records, ttlMs: limits.unknownTtlMs };
}

async function answered<R>(
  type: string,
  name: string,
  query: () => Promise<Fresh<R>>,
  timeoutMs: number,
): Promise<Timed<R>> {
  try {
    const { records, ttlMs } = await withDeadline(query(), timeoutMs * limits.attempts + 500);
    const [first, ...rest] = records;
    if (first === undefined) return { answer: { kind: 'no-data' }, ttlMs: limits.negativeTtlMs };
    return {
      answer: { kind: 'records', records: [first, ...rest] },
      ttlMs: Math.min(ttlMs, limits.maxTtlMs),
    };
  } catch (error) {
    const kind = absences[(error as NodeJS.ErrnoException).code as keyof typeof absences];
    if (kind) return { answer: { kind }, ttlMs: limits.negativeTtlMs };
    throw new DnsFailure(`DNS question ${type} ${name} failed`, { cause: error });
  }
}

/** node:dns backs off between attempts and may take longer than the sum of its time-outs. */
async function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Answers by question, in order of age; the oldest goes first when it is full. */
class AnswerCache {
  readonly #now: () => number;
  readonly #kept = new Map<string, { readonly answer: unknown; readonly untilMs: number }>();
  readonly #asked = new Map<string, Promise<unknown>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The caller keeps one type of answer per kind of key; failures are not kept. */
  async answer<R>(key: string, ask: () => Promise<Timed<R>>): Promise<DnsAnswer<R>> {
    const kept = this.#kept.get(key);
    if (kept && kept.untilMs > this.#now()) return kept.answer as DnsAnswer<R>;
    const running = this.#asked.get(key) ?? this.#askOnce(key, ask);
    return (await running) as DnsAnswer<R>;
  }

  #askOnce<R>(key: string, ask: () => Promise<Timed<R>>): Promise<DnsAnswer<R>> {
    const running = ask()
      .then(({ answer, ttlMs }) => {
        this.#keep(key, answer, this.#now() + ttlMs);
        return answer;
      })
      .finally(() => this.#asked.delete(key));
    this.#asked.set(key, running);
    return running;
  }

  #keep(key: string, answer: unknown, untilMs: number): void {
    this.#kept.delete(key);
    this.#kept.set(key, { answer, untilMs });
    if (this.#kept.size <= limits.maxCached) return;
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      return;
    }
  }
}
