/** What goes wrong at AWS in one round: drawn anew each time, from nothing at all to storms. */
import type { FaultRule, Faults } from '../../local/faults.ts';

const services = ['dynamodb', 's3', 'sqs', 'lambda'] as const;
const kinds = ['throttle', 'error', 'lost', 'timeout', 'conflict'] as const;

/** The calls that commit something: their lost answers are what promises break on, so they are lost more often. */
const commits = [
  { service: 'dynamodb', operation: 'PutItem' },
  { service: 'dynamodb', operation: 'UpdateItem' },
  { service: 's3', operation: 'PutObject' },
  { service: 'lambda', operation: 'Invoke' },
  { service: 'sqs', operation: 'SendMessage' },
] as const;

/** Sets the rules of the round; the answer takes them away and tells how many faults there were. */
export function makeWeather(faults: Faults, random: () => number): () => number {
  const rules: FaultRule[] = [];
  const worst = [0.01, 0.05, 0.15, 0.3][Math.floor(random() * 4)] ?? 0;
  for (const service of services) {
    for (const kind of kinds) {
      if (random() < 0.4) continue;
      const delayMs = kind === 'timeout' ? { delayMs: 20 + Math.floor(random() * 150) } : {};
      rules.push({ kind, service, probability: random() * worst, ...delayMs });
    }
  }
  for (const call of commits)
    if (random() < 0.4) rules.push({ kind: 'lost', ...call, probability: random() * 0.3 });
  if (random() < 0.5) rules.push({ kind: 'latency', probability: 0.2, delayMs: Math.floor(random() * 60) });
  rules.push({ kind: 'duplicate', probability: random() * 0.4 });
  const removals = rules.map((rule) => faults.add(rule));
  return () => removals.reduce((sum, remove) => sum + remove(), 0);
}
