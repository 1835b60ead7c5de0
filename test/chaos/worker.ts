/** What all workers of the load have in common: whom they talk to, and how one lives through broken connections. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from './ledger.ts';
import type { OutboundLedger } from './outbound-ledger.ts';

export interface Ports {
  readonly smtp: number;
  readonly submission: number;
  readonly imap: number;
  readonly pop3: number;
}

/** What a worker works with. `ports` may change: a client that reconnects asks again. */
export interface Job {
  readonly ports: () => Ports;
  readonly running: () => boolean;
  readonly ledger: Ledger;
  readonly outbound: OutboundLedger;
  readonly random: () => number;
  readonly newToken: () => string;
  readonly password: string;
}

export const [alice, bob, carol] = ['alice@example.test', 'bob@example.test', 'carol@example.test'] as const;
/** All accounts; carol's has a quota. */
export const accounts = [alice, bob, carol] as const;
/** An alias, and an account that keeps nothing and forwards. */
export const [team, desk] = ['team@example.test', 'desk@example.test'] as const;
/** Whom mail to each address leads to. */
export const leadsTo: Readonly<Record<string, readonly string[]>> = {
  ...{ [alice]: [alice], [bob]: [bob], [carol]: [carol] },
  ...{ [team]: [alice, bob], [desk]: [bob] },
};
export const quotaBytes = 100_000;
/** What the server may put before a message. */
export const maxAddedOctets = 1_500;

/** Runs `turn` until the end; a turn that throws costs its connection, and nothing else. */
export async function keepOn<Client extends { destroy(): void }>(
  { running }: Job,
  open: () => Promise<Client>,
  turn: (client: Client) => Promise<boolean>,
): Promise<void> {
  let client: Client | undefined;
  while (running()) {
    try {
      client ??= await open();
      if (await turn(client)) continue;
    } catch {
      await delay(20);
    }
    client?.destroy();
    client = undefined;
  }
  client?.destroy();
}

/** One letter in so many is too large for the event to ingest, and goes by way of the bucket. */
const largeEvery = 150;
const largeBytes = 3_400_000;

export function sizeOf({ random }: Job): number {
  return random() < 1 / largeEvery ? largeBytes : 200 + Math.floor(random() * 4000);
}

export function pick<One>(all: readonly One[], random: () => number): One | undefined {
  return all[Math.floor(random() * all.length)];
}

/** Undefined when no answer came. */
export async function quietly<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  return answer.catch(() => undefined);
}
