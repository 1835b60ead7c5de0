/**
 * DKIM keys of a domain: made, listed with the DNS record that publishes them, removed.
 * RFC 6376 3.6.1 (the record), RFC 8301 (at least 2048 bits of RSA), RFC 8463 (Ed25519).
 */
import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { DkimKey } from '../../mail/ports/directory.ts';
import type { Provision } from './context.ts';
import { domainChanges, showDomain } from './domains.ts';
import { carryOut, type Outcome, type Plan, refuse } from './outcome.ts';

/** Keys of one domain: two algorithms, and two more while they are rotated. */
const maxKeys = 8;

/** What the owner of the domain publishes in DNS. */
export interface DkimRecord {
  readonly selector: string;
  readonly algorithm: DkimKey['algorithm'];
  /** `<selector>._domainkey.<domain>` */
  readonly name: string;
  /** The TXT record's text, unsplit. */
  readonly text: string;
}

const generate = promisify(generateKeyPair);

/** Makes a key and keeps it in the domain's record; mail is signed with it from then on. */
export async function addDkimKey(
  provision: Provision,
  domainName: string,
  algorithm: DkimKey['algorithm'],
  selector: string,
): Promise<Outcome<DkimRecord>> {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(selector)) {
    return refuse(`'${selector}' is no selector: use a-z, 0-9 and '-', at most 63`);
  }
  const key: DkimKey = { selector, algorithm, privateKey: await newPrivateKey(algorithm) };
  return carryOut(provision.store, async (): Promise<Plan<DkimRecord>> => {
    const found = await showDomain(provision, domainName);
    if ('refused' in found) return found;
    const { domain, dkim } = found.done.record;
    if (dkim.some((one) => one.selector === selector)) {
      return refuse(`${domain} has a DKIM key with the selector '${selector}' already`);
    }
    if (dkim.length >= maxKeys) return refuse(`${domain} has ${maxKeys} DKIM keys: remove one first`);
    return { changes: domainChanges(found.done, { dkim: [...dkim, key] }), done: dnsRecord(domain, key) };
  });
}

export async function listDkimKeys(
  provision: Provision,
  domainName: string,
): Promise<Outcome<readonly DkimRecord[]>> {
  const found = await showDomain(provision, domainName);
  if ('refused' in found) return found;
  const { domain, dkim } = found.done.record;
  return { done: dkim.map((key) => dnsRecord(domain, key)) };
}

/** The DNS record should stay a few days more: mail under way is still checked against it. */
export function removeDkimKey(
  provision: Provision,
  domainName: string,
  selector: string,
): Promise<Outcome<DkimRecord>> {
  return carryOut(provision.store, async (): Promise<Plan<DkimRecord>> => {
    const found = await showDomain(provision, domainName);
    if ('refused' in found) return found;
    const { domain, dkim } = found.done.record;
    const key = dkim.find((one) => one.selector === selector);
    if (!key) return refuse(`${domain} has no DKIM key with the selector '${selector}'`);
    const changes = domainChanges(found.done, { dkim: dkim.filter((one) => one !== key) });
    return { changes, done: dnsRecord(domain, key) };
  });
}

async function newPrivateKey(algorithm: DkimKey['algorithm']): Promise<string> {
  const { privateKey } =
    algorithm === 'rsa' ? await generate('rsa', { modulusLength: 2048 }) : await generate('ed25519');
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

/** RFC 8463 4.2: an Ed25519 key is published as its 32 octets alone, an RSA key as its SPKI. */
function dnsRecord(domain: string, { selector, algorithm, privateKey }: DkimKey): DkimRecord {
  const spki = createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'der' });
  const published = algorithm === 'rsa' ? spki : spki.subarray(-32);
  return {
    selector,
    algorithm,
    name: `${selector}._domainkey.${domain}`,
    text: `v=DKIM1; k=${algorithm}; p=${published.toString('base64')}`,
  };
}
