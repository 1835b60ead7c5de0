/** What guesses are counted under: a client's address, a login name, both together. Every key is short. */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { reverseName } from '../../mail/ports/resolver.ts';

/** One IPv4 address, or the /64 that an IPv6 address is in: a household owns all of it. */
export function clientKey(address: string): string {
  const [bare = ''] = address.split('%'); // a zone, fe80::1%eth0
  const plain = /^::ffff:[0-9.]+$/i.test(bare) ? bare.slice(7) : bare;
  return isIPv6(plain) ? reverseName(plain).slice(32) : plain.slice(0, 64);
}

/** All spellings of a login name that mean the same account are one key. */
export function loginKey(login: string): string {
  const text = login.slice(0, 512);
  const at = text.lastIndexOf('@');
  const domain = at < 0 ? '' : domainToASCII(text.slice(at + 1));
  const name = domain === '' ? text : `${text.slice(0, at)}@${domain}`;
  return digest(name.normalize('NFC').toLowerCase());
}

export function pairKey(client: string, login: string): string {
  return digest(`${client} ${login}`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
