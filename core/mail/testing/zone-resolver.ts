/** The Resolver port reading a zone object: `TYPE name` to records; names outside it do not exist. */
import { type DnsAnswer, DnsFailure, type MxRecord, type Resolver } from '../ports/resolver.ts';

/** Addresses, texts and host names as strings; MX as `10 host`; 'fails' in the list makes the question fail. */
export type Zone = Readonly<Record<string, readonly string[]>>;

export function zoneResolver(zone: Zone): Resolver {
  const answer = (type: string, name: string): DnsAnswer<string> => {
    const [first, ...rest] = zone[`${type} ${name.toLowerCase()}`] ?? [];
    if (first === 'fails') throw new DnsFailure(`no answer for ${type} ${name}`);
    if (first !== undefined) return { kind: 'records', records: [first, ...rest] };
    const exists = Object.keys(zone).some((key) => key.endsWith(` ${name.toLowerCase()}`));
    return { kind: exists ? 'no-data' : 'no-name' };
  };
  return {
    resolve4: async (name) => answer('A', name),
    resolve6: async (name) => answer('AAAA', name),
    resolveTxt: async (name) => answer('TXT', name),
    resolvePtr: async (name) => answer('PTR', name),
    resolveCname: async (name) => answer('CNAME', name),
    resolveMx: async (name) => exchanges(answer('MX', name)),
  };
}

function exchanges(answer: DnsAnswer<string>): DnsAnswer<MxRecord> {
  if (answer.kind !== 'records') return answer;
  const [first, ...rest] = answer.records;
  return { kind: 'records', records: [exchange(first), ...rest.map(exchange)] };
}

function exchange(text: string): MxRecord {
  const [priority, host = ''] = text.split(' ');
  return { priority: Number(priority), exchange: host };
}
