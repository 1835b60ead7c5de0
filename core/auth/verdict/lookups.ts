/**
 * The Resolver port in the shape that mailauth asks for, with a ceiling on questions per message:
 * a message names its own signers, and could name thousands of them.
 */
import { type DnsAnswer, DnsFailure, type Resolver } from '../../mail/ports/resolver.ts';

/** SPF may cause some 120 (RFC 7208 4.6.4, with the addresses of ten MX names), DKIM one per signature, DMARC eight. */
const maxQuestions = 200;

type Lookup = (name: string, type: string) => Promise<string[][] | string[]>;

/** For one message; absence is an error with node:dns's code, trouble one with another code. */
export function lookups(resolver: Resolver): Lookup {
  let asked = 0;
  return async (name, type) => {
    asked += 1;
    if (asked > maxQuestions)
      throw coded('ETIMEOUT', `more than ${maxQuestions} DNS questions for one message`);
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
