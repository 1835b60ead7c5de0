/**
 * A month of N accounts: the measured costs times what an account does in a day, traffic, storage
 * and the fixed part. An assumption is one number here, so that it can be argued with.
 */
import type { Cost } from './cost-of.ts';
import { floorLines } from './floor.ts';

/** What one account does in a day, with messages of 75 KB: an office worker with a phone. */
export const dayOfAnAccount: Readonly<Record<string, number>> = {
  'receive, 1 recipient, IMAP session in IDLE': 40,
  'send: submission to relay to the 250 of the other side': 10,
  'LOGIN + SELECT, cold task, account with a snapshot': 4,
  'LOGIN + SELECT, warm task': 16,
  'FETCH BODY[], envelope read before': 40,
  'FETCH BODY.PEEK[]': 40,
  'FETCH 50 envelopes, records not yet read': 4,
  'STORE one flag': 20,
  'MOVE of 1': 20,
  'IDLE, one hour': 10,
};

const days = 30.4;
const messageBytes = 75_000;
const received = 40;
const sent = 10;
const natGb = 0.045;
const egressGb = 0.09;
const s3GbMonth = 0.023;
/** Items of Log and Messages, with point-in-time recovery. */
const itemBytes = 800;
const dynamoGbMonth = 0.25 + 0.2;

/** m7g.large, 2 vCPU and 8 GB; gp3 from memory. */
const boxHour = 0.0816;
const gp3GbMonth = 0.08;
const hours = 730;

export interface Month {
  readonly accounts: number;
  readonly fixedUsd: number;
  readonly requestsUsd: number;
  readonly trafficUsd: number;
  /** Of what a year has brought. */
  readonly storageUsd: number;
  readonly sumUsd: number;
  /** One EC2 instance with the year's mail on one disk, no copy of it: the same egress, nothing else. */
  readonly boxUsd: number;
}

export function monthOf(accounts: number, costs: readonly Cost[]): Month {
  const fixedUsd = floorLines().reduce((sum, { usdPerMonth }) => sum + usdPerMonth, 0);
  const times = accounts * days;
  let requestsUsd = 0;
  let invokedGb = 0;
  for (const [name, count] of Object.entries(dayOfAnAccount)) {
    const cost = largest(costs, name);
    requestsUsd += cost.usd * count * times;
    invokedGb += (cost.invokedBytes / 1e9) * count * times;
  }
  const messageGb = messageBytes / 1e9;
  // Each message received is read by two devices.
  const outGb = (sent + 2 * received) * messageGb * times;
  const egressUsd = Math.max(0, outGb - 100) * egressGb;
  const trafficUsd = (invokedGb + sent * messageGb * times) * natGb + egressUsd;
  const yearly = (received + sent) * accounts * 365;
  const storageUsd = yearly * (messageGb * s3GbMonth + (itemBytes / 1e9) * dynamoGbMonth);
  const sumUsd = fixedUsd + requestsUsd + trafficUsd + storageUsd;
  const boxUsd = boxHour * hours + yearly * messageGb * gp3GbMonth + egressUsd;
  return { accounts, fixedUsd, requestsUsd, trafficUsd, storageUsd, sumUsd, boxUsd };
}

/** As measured for 75 KB where the size matters. */
function largest(costs: readonly Cost[], name: string): Cost {
  const found = costs.filter((cost) => cost.name === name && cost.sizeBytes <= messageBytes).at(-1);
  if (found === undefined) throw new Error(`nobody has measured: ${name}`);
  return found;
}
