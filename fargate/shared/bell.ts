/**
 * The doorbell of a task: a small HTTP server inside the VPC that delivery rings when an account
 * held here has something new, and the leases that tell delivery where to ring.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AccountKey, type ModSeq, partitionKey } from '../../core/mail/ids.ts';
import type { Clock } from '../../core/mail/ports/clock.ts';
import type { BellLease, BellLeases, DoorbellListener } from '../../core/mail/ports/doorbell.ts';
import { bellTokenHeader } from '../../core/store/http-doorbell.ts';

const leaseMs = 15 * 60_000;
const renewMs = 5 * 60_000;
const maxBodyOctets = 1024;

export interface BellSettings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The address that others reach this task at; the port is added. */
  readonly advertisedHost: string;
}

export interface Bell extends DoorbellListener {
  readonly port: number;
  close(): Promise<void>;
}

type Holding = { readonly callbacks: Set<(modSeq: ModSeq) => void>; stopRenewing: () => void };

/** Listens and answers rings; every account held has a lease that is renewed until it is released. */
export async function startBell(leases: BellLeases, clock: Clock, settings: BellSettings): Promise<Bell> {
  const token = randomBytes(24).toString('base64url');
  const holdings = new Map<string, Holding>();
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, async (request, response) => {
    response.statusCode = (await answer(request, token, holdings)) ? 204 : 403;
    response.end();
  });
  const port = await listening(server, settings);
  const lease = { url: `http://${bracketed(settings.advertisedHost)}:${port}`, token };
  return {
    port,
    hold: (account, onRing) => hold(account, onRing, lease, { leases, clock, holdings }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

interface Holder {
  readonly leases: BellLeases;
  readonly clock: Clock;
  readonly holdings: Map<string, Holding>;
}

async function hold(
  account: AccountKey,
  onRing: (modSeq: ModSeq) => void,
  lease: BellLease,
  { leases, clock, holdings }: Holder,
): Promise<() => Promise<void>> {
  const key = partitionKey(account);
  let holding = holdings.get(key);
  if (holding === undefined) {
    holding = { callbacks: new Set(), stopRenewing: () => {} };
    holdings.set(key, holding);
    renew(account, lease, holding, leases, clock);
    await leases.put(account, lease, clock.now() + leaseMs);
  }
  const { callbacks } = holding;
  const kept = holding;
  callbacks.add(onRing);
  return async () => {
    callbacks.delete(onRing);
    if (callbacks.size > 0 || holdings.get(key) !== kept) return;
    kept.stopRenewing();
    holdings.delete(key);
    await leases.delete(account, lease);
  };
}

/** Renews until stopped. A renewal that fails is tried again at the next turn, well before the lease ends. */
function renew(
  account: AccountKey,
  lease: BellLease,
  holding: Holding,
  leases: BellLeases,
  clock: Clock,
): void {
  holding.stopRenewing = clock.after(renewMs, () => {
    leases.put(account, lease, clock.now() + leaseMs).catch(() => {});
    renew(account, lease, holding, leases, clock);
  });
}

async function answer(
  request: IncomingMessage,
  token: string,
  holdings: Map<string, Holding>,
): Promise<boolean> {
  if (request.method !== 'POST' || !isToken(request.headers[bellTokenHeader], token)) {
    request.resume();
    return false;
  }
  const ring = await readRing(request);
  if (ring === undefined) return false;
  for (const onRing of holdings.get(partitionKey(ring.account))?.callbacks ?? []) onRing(ring.modSeq);
  return true;
}

function isToken(given: string | readonly string[] | undefined, token: string): boolean {
  if (typeof given !== 'string' || given.length !== token.length) return false;
  return timingSafeEqual(Buffer.from(given, 'latin1'), Buffer.from(token, 'latin1'));
}

async function readRing(
  request: IncomingMessage,
): Promise<{ account: AccountKey; modSeq: ModSeq } | undefined> {
  try {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) {
      text += chunk;
      if (text.length > maxBodyOctets) return undefined;
    }
    const { tenant, account, modSeq } = JSON.parse(text) as AccountKey & { modSeq: ModSeq };
    return { account: { tenant, account }, modSeq };
  } catch {
    return undefined;
  }
}

function listening(server: Server, { host, port }: BellSettings): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
