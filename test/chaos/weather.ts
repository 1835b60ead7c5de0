/** What goes wrong at AWS in one round: drawn anew each time, from nothing at all to storms. */
import type { FaultRule, Faults } from '../../local/faults.ts';

const services = ['dynamodb', 's3', 'sqs', 'lambda'] as const;
const kinds = ['throttle', 'error', 'lost', 'timeout', 'conflict'] as const;

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
  if (random() < 0.5) rules.push({ kind: 'latency', probability: 0.2, delayMs: Math.floor(random() * 60) });
  rules.push({ kind: 'duplicate', probability: random() * 0.4 });
  const removals = rules.map((rule) => faults.add(rule));
  return () => removals.reduce((sum, remove) => sum + remove(), 0);
}
