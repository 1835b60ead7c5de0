/**
 * The log itself, read past all servers: numbers without holes, totals equal to what a client counts, every
 * snapshot equal to the fold of the entries before it, and the newest snapshot with its tail to the whole fold.
 */

import type { Stores } from '../../bin/start/stores.ts';
import { emptyState, fold } from '../../core/mail/account/apply.ts';
import type { Entry } from '../../core/mail/account/entry.ts';
import { encodeSnapshot } from '../../core/mail/account/snapshot.ts';
import type { AccountKey, ModSeq } from '../../core/mail/ids.ts';
import { loadAccount } from '../../core/service/account/load.ts';
import { listSnapshots, readSnapshot } from '../../core/service/account/snapshots.ts';
import type { Seen } from './observe.ts';

export interface LogCheck {
  readonly entries: readonly Entry[];
  readonly snapshots: number;
  readonly broken: readonly string[];
}

type Ports = Pick<Stores, 'log' | 'bodies'>;

export async function checkLog(
  ports: Ports,
  key: AccountKey,
  seen: Pick<Seen, 'messages' | 'bytes'>,
): Promise<LogCheck> {
  const broken: string[] = [];
  const expect = (holds: boolean, what: string) => {
    if (!holds) broken.push(`${key.account}: ${what}`);
  };
  const entries = await allEntries(ports, key);
  expect(
    entries.every(({ modSeq }, at) => modSeq === at + 1),
    'the log has a hole or does not begin at 1',
  );
  const places = [...(await listSnapshots(ports.bodies, key))].reverse();
  let [state, folded] = [emptyState, 0];
  for (const place of places) {
    state = fold(state, entries.slice(folded, place.modSeq));
    folded = place.modSeq;
    const snapshot = await readSnapshot(ports.bodies, place);
    const same = snapshot && Buffer.from(encodeSnapshot(snapshot)).equals(encodeSnapshot(state));
    expect(same === true, `snapshot ${place.modSeq} is not what the entries before it make`);
  }
  state = fold(state, entries.slice(folded));
  const loaded = await loadAccount(ports, key);
  const whole = encodeSnapshot(state);
  expect(
    Buffer.from(encodeSnapshot(loaded.state)).equals(whole),
    'snapshot and tail differ from the whole fold',
  );
  const { bytes, messages } = entries.at(-1)?.totals ?? { bytes: -1, messages: -1 };
  expect(bytes === seen.bytes, `the quota counts ${bytes} octets, a client ${seen.bytes}`);
  expect(messages === seen.messages, `the quota counts ${messages} messages, a client ${seen.messages}`);
  return { entries, snapshots: places.length, broken };
}

async function allEntries({ log }: Ports, key: AccountKey): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const page = await log.read(key, (entries.at(-1)?.modSeq ?? 0) as ModSeq | 0, 1000);
    entries.push(...page);
    if (page.length === 0) return entries;
  }
}
