/** Packs of message records as objects in the bucket (docs/log.md, "Packs"): found, read and written. */
import { isMessageId, packMessageIds } from '../../mail/account/message-id.ts';
import type { AccountKey, MessageId } from '../../mail/ids.ts';
import { PackWriter } from '../../mail/pack/pack-writer.ts';
import { RecordPack } from '../../mail/pack/record-pack.ts';
import type { BodyStore } from '../../mail/ports/body-store.ts';
import { maxPackPages, minPackRecords } from './settings.ts';

/** What one list request answers at most. */
const listedAtOnce = 1000;
/** Looks for packs of messages to be forgotten; the second mostly finds none. */
const maxForgetPasses = 10;

export interface PackPlace {
  readonly key: string;
  /** Lowest and highest message id in it. */
  readonly first: MessageId;
  readonly last: MessageId;
  readonly records: number;
}

/** All of them, in the order of their first ids. One list request for each thousand. */
export async function listPacks(bodies: BodyStore, account: AccountKey): Promise<readonly PackPlace[]> {
  const prefix = packPrefix(account);
  const places: PackPlace[] = [];
  let after = '';
  for (let page = 0; page < maxPackPages; page++) {
    const listed = await bodies.list(prefix, after);
    for (const { key } of listed) {
      const [first = '', last = '', records = ''] = key.slice(prefix.length).split('_');
      if (isMessageId(first) && isMessageId(last))
        places.push({ key, first, last, records: Number(records) });
    }
    if (listed.length < listedAtOnce) return places;
    after = listed.at(-1)?.key ?? '';
  }
  throw new Error('an account has more packs than can be');
}

export function mayHold({ first, last }: PackPlace, id: MessageId): boolean {
  return first <= id && id <= last;
}

/** Undefined for one that is gone or damaged: what was in it is read elsewhere. */
export async function readPack(bodies: BodyStore, key: string): Promise<RecordPack | undefined> {
  try {
    return RecordPack.open(await bodies.read(key, 0, Number.POSITIVE_INFINITY));
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'BodyMissing') return undefined;
    throw cause;
  }
}

/**
 * Takes messages out of all packs: for those that are deleted for good. May be repeated, and others may do the same at
 * the same time. A pack that they leave half empty goes as a whole; whoever walks next makes another.
 */
export async function forgetInPacks(
  bodies: BodyStore,
  account: AccountKey,
  ids: readonly MessageId[],
): Promise<void> {
  for (let pass = 1; pass <= maxForgetPasses; pass++)
    if (!(await forgetOnce(bodies, account, ids, pass === 1))) return;
  throw new Error('there are ever more packs of deleted messages');
}

/** Whether packs had to go. Then another one, made of them meanwhile, may have the messages too. */
async function forgetOnce(
  bodies: BodyStore,
  account: AccountKey,
  ids: readonly MessageId[],
  replace: boolean,
): Promise<boolean> {
  let changed = false;
  for (const place of await listPacks(bodies, account)) {
    const near = ids.filter((id) => mayHold(place, id));
    if (near.length === 0) continue;
    const pack = await readPack(bodies, place.key);
    if (pack !== undefined && !holdsAny(pack, near)) continue;
    if (pack !== undefined && replace) await putWithout(bodies, account, place, pack, new Set(near));
    await bodies.delete([place.key]);
    changed = true;
  }
  return changed;
}

function holdsAny(pack: RecordPack, ids: readonly MessageId[]): boolean {
  const octets = packMessageIds(ids);
  return ids.some((_, index) => pack.find(octets, 16 * index) >= 0);
}

/**
 * Puts what is left of a pack. If the pack is gone by then, somebody else has taken other messages out of it and has
 * perhaps looked for the last time: what is left has those still, and goes again.
 */
async function putWithout(
  bodies: BodyStore,
  account: AccountKey,
  place: PackPlace,
  pack: RecordPack,
  gone: ReadonlySet<MessageId>,
): Promise<void> {
  const rest = packWithout(pack, gone);
  if (rest === undefined) return;
  const key = packKey(account, rest.pack);
  await bodies.put(key, rest.octets);
  if (!(await isThere(bodies, place.key))) await bodies.delete([key]);
}

async function isThere(bodies: BodyStore, key: string): Promise<boolean> {
  return (await bodies.list(key, '')).length > 0;
}

function packWithout(pack: RecordPack, gone: ReadonlySet<MessageId>) {
  const writer = new PackWriter();
  for (const record of pack.all()) if (!gone.has(record.messageId)) writer.add(record);
  if (writer.size < minPackRecords / 2) return undefined;
  const octets = writer.finish();
  const rest = RecordPack.open(octets);
  return rest && { pack: rest, octets };
}

/** The key is made of the content, so that the same pack is the same object. */
export function packKey(account: AccountKey, pack: RecordPack): string {
  const { firstId, lastId, count, crc } = pack;
  return `${packPrefix(account)}${firstId}_${lastId}_${count}_${crc.toString(16)}`;
}

/** Under which all packs of the account lie. */
export function packPrefix({ tenant, account }: AccountKey): string {
  return `${tenant}/accounts/${account}/packs/`;
}
