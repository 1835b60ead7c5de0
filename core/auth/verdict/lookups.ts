/**
 * The Resolver port in the shape that mailauth asks for, with a ceiling on the questions of a message
 * and on their time: it names its own signers, could name thousands of them, and the DNS that answers
 * for them is the sender's.
 */
import { type DnsAnswer, DnsFailure, type Resolver } from '../../mail/ports/resolver.ts';

/** SPF may cause some 120 (RFC 7208 4.6.4, with the addresses of ten MX names), DKIM one per signature, DMARC eight. */
const maxQuestions = 200;
/** From the first question on; RFC 7208 4.6.4 asks for 20 s at least. What is in flight then may take its own time still. */
const maxTimeMs = 30_000;

type Lookup = (name: string, type: string) => Promise<string[][] | string[]>;

/** For one message; absence is an error with node:dns's code, trouble one with another code. */
export function lookups(resolver: Resolver, now: () => number): Lookup {
  let asked = 0;
  let beganMs: number | undefined;
  return async (name, type) => {
    asked += 1;
    beganMs ??= now();
    if (asked > maxQuestions)
      throw coded('ETIMEOUT', `more than ${maxQuestions} DNS questions for one message`);
    if (now() - beganMs > maxTimeMs) throw coded('ETIMEOUT', `more than ${maxTimeMs} ms for one message`);
    return records(await ask(resolver, name, type));
  };
}

async function ask(resolver: Resolver, name: string, type: string): Promise<DnsAnswer<unknown>> {
  try {
    return await question(resolver, name, type);
  } catch (error) {
    if (error instanceof DnsFailure) throw coded('ETIMEOUT', error.message);
    throw error;
  }
}

function question(resolver: Resolver, name: string, type: string): Promise<DnsAnswer<unknown>> {
  switch (type) {
    case 'A':
      return resolver.resolve4(name);
    case 'AAAA':
      return resolver.resolve6(name);
    case 'MX':
      return resolver.resolveMx(name);
    case 'TXT':
      return resolver.resolveTxt(name);
    case 'PTR':
      return resolver.resolvePtr(name);
    case 'CNAME':
      return resolver.resolveCname(name);
    default:
      throw coded('ENODATA', `no DNS questions of type ${type}`);
  }
}

/** mailauth takes what node:dns gives for each type; its own types tell of text only. */
function records(answer: DnsAnswer<unknown>): string[] {
  if (answer.kind === 'records') return [...answer.records] as string[];
  throw coded(answer.kind === 'no-data' ? 'ENODATA' : 'ENOTFOUND', 'no such record');
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
