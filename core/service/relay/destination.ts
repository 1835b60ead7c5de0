/**
 * The hosts that take mail for a domain, in the order to try them, each resolved only when its
 * turn comes. RFC 5321 5.1, RFC 7505 (null MX); a smarthost or fixed route goes first.
 */
import { isIP } from 'node:net';
import { DnsFailure, type MxRecord, type Resolver } from '../../mail/ports/resolver.ts';
import { type DeliveryOutcome, failedByUs, outcomeOfTrouble } from '../../mail/transfer/outcome.ts';
import { isPrivateAddress } from './private-address.ts';
import { type Host, type Routes, routeFor } from './route.ts';
import { limits } from './smtp/limits.ts';

export interface DestinationSettings {
  readonly routes: Routes;
  /** Names under which we are somebody's MX, lower case: mail for them must not come back to us. */
  readonly ownNames: readonly string[];
  /** Lets MX records lead to private addresses; for tests and closed networks. */
  readonly allowPrivate: boolean;
  /** Port of hosts found by MX; 25 but for tests. */
  readonly port: number;
}

export interface Destination {
  readonly hosts: AsyncIterable<Host>;
  /** What to say when `hosts` has ended without any host, or with none left. */
  readonly nothing: () => DeliveryOutcome;
  /** Whether some host could not be asked, as the DNS did not answer for it. */
  readonly unasked: () => boolean;
}

/** The way to the domain, or the outcome where there is none. */
export async function findDestination(
  domain: string,
  resolver: Resolver,
  settings: DestinationSettings,
  random: () => number,
): Promise<Destination | DeliveryOutcome> {
  const route = routeFor(settings.routes, domain);
  if (route) {
    const found = resolved([{ exchange: route.name, host: route }], resolver, () => true, domain);
    // A name that does not resolve here is our own mistake, and can be mended before the job expires.
    return { ...found, nothing: () => outcomeOfTrouble('dns', `The host ${route.name} has no address`) };
  }
  if (domain.startsWith('['))
    return failedByUs('5.1.2', 'Mail to an address in brackets instead of a domain is not sent');
  const exchanges = await exchangesOf(domain, resolver, settings, random);
  if (!Array.isArray(exchanges)) return exchanges;
  const targets = exchanges.map((exchange) => ({ exchange, host: plainHost(exchange, settings.port) }));
  const usable = (address: string) => settings.allowPrivate || !isPrivateAddress(address);
  return resolved(targets, resolver, usable, domain);
}

/** Names to ask for addresses, best first; RFC 5321 5.1. */
async function exchangesOf(
  domain: string,
  resolver: Resolver,
  settings: DestinationSettings,
  random: () => number,
): Promise<string[] | DeliveryOutcome> {
  try {
    const answer = await resolver.resolveMx(domain);
    if (answer.kind === 'no-name') return failedByUs('5.1.2', `There is no domain ${domain}`);
    if (answer.kind === 'no-data') return [domain]; // its own address is its implicit MX
    const names = inOrder(answer.records, random);
    if (names.every((one) => one.exchange === ''))
      return failedByUs('5.1.10', `${domain} takes no mail (null MX)`);
    const ours = names.find((one) => settings.ownNames.includes(one.exchange.toLowerCase()));
    // We and everybody behind us in the list would only hand it back to us.
    const ahead = ours ? names.filter((one) => one.priority < ours.priority) : names;
    if (ahead.length === 0)
      return failedByUs('5.4.6', `The mail for ${domain} comes to us, but we do not host it`);
    return ahead.filter((one) => one.exchange !== '').map((one) => one.exchange);
  } catch (error) {
    if (!(error instanceof DnsFailure)) throw error;
    return outcomeOfTrouble('dns', `The DNS does not answer for ${domain}`);
  }
}

/** By preference, those of one preference shuffled (RFC 5321 5.1). */
function inOrder(records: readonly MxRecord[], random: () => number): readonly MxRecord[] {
  return records
    .map((record) => ({ record, chance: random() }))
    .toSorted((a, b) => a.record.priority - b.record.priority || a.chance - b.chance)
    .slice(0, limits.mxRecords)
    .map(({ record }) => record);
}

interface Target {
  readonly exchange: string;
  readonly host: Omit<Host, 'address'>;
}

function resolved(
  targets: readonly Target[],
  resolver: Resolver,
  usable: (address: string) => boolean,
  what: string,
): Destination {
  let trouble = false;
  let refused = false;
  async function* hosts(): AsyncGenerator<Host, void, undefined> {
    for (const { exchange, host } of targets) {
      const found = await addressesOf(exchange, resolver);
      trouble ||= found === 'trouble';
      if (found === 'trouble') continue;
      refused ||= !found.every(usable);
      const addresses = found.filter(usable);
      const room = targets.length > 1 ? limits.addressesPerName : addresses.length;
      for (const address of addresses.slice(0, room)) yield { ...host, address };
    }
  }
  const nothing = () => {
    if (trouble) return outcomeOfTrouble('dns', `The name servers for ${what} do not answer`);
    if (refused) return failedByUs('5.4.4', `The mail servers of ${what} have private addresses only`);
    return failedByUs('5.4.4', `The mail servers of ${what} have no address`);
  };
  return { hosts: hosts(), nothing, unasked: () => trouble };
}

async function addressesOf(name: string, resolver: Resolver): Promise<readonly string[] | 'trouble'> {
  if (isIP(name)) return [name];
  if (name === 'localhost') return ['127.0.0.1'];
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const families: (readonly string[])[] = [];
  let trouble = false;
  for (const answer of answers) {
    if (answer.status === 'rejected' && !(answer.reason instanceof DnsFailure)) throw answer.reason;
    trouble ||= answer.status === 'rejected';
    const found = answer.status === 'fulfilled' ? answer.value : undefined;
    families.push(found?.kind === 'records' ? found.records : []);
  }
  const [ipv4 = [], ipv6 = []] = families;
  // Of a long list the other family has its turn too: either may lead nowhere from here.
  const addresses = [...ipv4.slice(0, 2), ...ipv6.slice(0, 1), ...ipv4.slice(2), ...ipv6.slice(1)];
  return addresses.length === 0 && trouble ? 'trouble' : addresses;
}

function plainHost(name: string, port: number): Omit<Host, 'address'> {
  return { name, port, implicitTls: false, verifiedTls: false };
}
