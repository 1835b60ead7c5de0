/**
 * What a deployment costs while no mail comes: hours of what always runs, us-east-1, a month of 730
 * hours. Shapes as in lib/ (two tasks of each server, one NAT gateway). Prices marked `mem`
 * were not confirmed against a price list this year.
 */
import { defaultSettings } from '../../lib/settings.ts';

export interface FloorLine {
  readonly what: string;
  readonly usdPerMonth: number;
  readonly mem: boolean;
}

const hours = 730;
const million = 1_000_000;
const fargateVcpuHour = 0.03238;
const fargateGbHour = 0.00356;
const balancerHour = 0.0225;
const natHour = 0.045;
const addressHour = 0.005;
const availabilityZones = 2;
/** vCPU and GB of one task of SMTP, POP3 and IMAP: lib/mail-servers.ts. */
const taskShapes = [
  [0.5, 1],
  [0.5, 1],
  [0.5, 2],
] as const;
/** Lambda keeps about five long polls of 20 s open at a queue (mem). */
const emptyReceives = (5 * 3600 * hours) / 20;
/** Requests of one empty tick: see the table of requests. */
const tickUsd = 4 * 0.5 * 0.125e-6 + 0.2e-6 + 0.25 * 0.05 * 0.0000133334;

export function floorLines(
  tasks = defaultSettings.tasks,
  natGateways = defaultSettings.natGateways,
): readonly FloorLine[] {
  const task = taskShapes.reduce((sum, [cpu, gb]) => sum + cpu * fargateVcpuHour + gb * fargateGbHour, 0);
  return [
    { what: `Fargate, 3 services x ${tasks}`, usdPerMonth: task * tasks * hours, mem: false },
    { what: 'network load balancer', usdPerMonth: balancerHour * hours, mem: true },
    { what: `NAT gateway x ${natGateways}`, usdPerMonth: natHour * natGateways * hours, mem: true },
    {
      what: `public IPv4 x ${natGateways + availabilityZones}`,
      usdPerMonth: addressHour * (natGateways + availabilityZones) * hours,
      mem: true,
    },
    { what: 'KMS key, secret', usdPerMonth: 1.4, mem: true },
    {
      what: 'empty looks at the queue',
      usdPerMonth: Math.max(0, emptyReceives - million) * 0.4e-6,
      mem: true,
    },
    { what: 'the tick, every minute', usdPerMonth: tickUsd * 60 * hours, mem: false },
  ];
}
