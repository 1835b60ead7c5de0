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

/** A renewal is a write, so leases are long; one that fails is made good by the next before the lease ends. */
const leaseMs = 60 * 60_000;
const renewMs = 25 * 60_000;
/** Leases given up at once when the task ends. */
const deletesInFlight = 32;
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

/** An account with a lease: of one that nobody holds any more it is neither renewed nor given up, only used again. */
interface Holding {
  readonly account: AccountKey;
  readonly callbacks: Set<(modSeq: ModSeq) => void>;
  /** The first put of the lease. */
  readonly leased: Promise<void>;
  stopRenewing: () => void;
}

/** Listens and answers rings; every account held has a lease, renewed until it is released, which then runs out. */
export async function startBell(leases: BellLeases, clock: Clock, settings: BellSettings): Promise<Bell> {
  const token = randomBytes(24).toString('base64url');
  const holdings = new Map<string, Holding>();
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, async (request, response) => {
    response.statusCode = (await answer(request, token, holdings)) ? 204 : 403;
    response.end();
  });
  const port = await listening(server, settings);
  const lease = { url: `http://${bracketed(settings.advertisedHost)}:${port}`, token };
  const holder = { lease, leases, clock, holdings };
  return {
    port,
    hold: (account, onRing) => hold(account, onRing, holder),
    close: async () => {
      await giveUp(holder);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Holder {
  readonly lease: BellLease;
  readonly leases: BellLeases;
  readonly clock: Clock;
  readonly holdings: Map<string, Holding>;
}

async function hold(
  account: AccountKey,
  onRing: (modSeq: ModSeq) => void,
  holder: Holder,
): Promise<() => Promise<void>> {
  const key = partitionKey(account);
  const holding = holder.holdings.get(key) ?? take(key, account, holder);
  await holding.leased;
  holding.callbacks.add(onRing);
  return async () => {
    holding.callbacks.delete(onRing);
  };
}

function take(key: string, account: AccountKey, holder: Holder): Holding {
  const { lease, leases, clock, holdings } = holder;
  const leased = leases.put(account, lease, clock.now() + leaseMs);
  const holding: Holding = { account, callbacks: new Set(), leased, stopRenewing: () => {} };
  holdings.set(key, holding);
  renew(key, holding, holder);
  // Whoever holds hears of it, and the next one tries again
  leased.catch(() => {
    holding.stopRenewing();
    holdings.delete(key);
  });
  return holding;
}

/** Renews while somebody holds the account, else forgets it: until then the lease is long enough to be used again. */
function renew(key: string, holding: Holding, holder: Holder): void {
  const { lease, leases, clock, holdings } = holder;
  holding.stopRenewing = clock.after(renewMs, () => {
    if (holding.callbacks.size === 0) {
      holdings.delete(key);
      return;
    }
    leases.put(holding.account, lease, clock.now() + leaseMs).catch(() => {});
    renew(key, holding, holder);
  });
}

/** So that nobody rings at a task that is gone. */
async function giveUp({ lease, leases, holdings }: Holder): Promise<void> {
  const left = [...holdings.values()];
  for (const { stopRenewing } of left) stopRenewing();
  holdings.clear();
  while (left.length > 0) {
    const some = left.splice(-deletesInFlight);
    await Promise.allSettled(some.map(({ account }) => leases.delete(account, lease)));
  }
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
