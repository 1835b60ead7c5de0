/** Packs of message records as objects in the bucket (docs/log.md, "Packs"): found, read and written. */
import { isMessageId, packMessageIds } from '../../mail/account/message-id.ts';
import type { AccountKey, MessageId } from '../../mail/ids.ts';
import { PackWriter } from '../../mail/pack/pack-writer.ts';
import { RecordPack } from '../../mail/pack/record-pack.ts';
import type { BodyStore } from '../../mail/ports/body-store.ts';
import { minPackRecords } from './settings.ts';

export interface PackPlace {
  readonly key: string;
  /** Lowest and highest message id in it. */
  readonly first: MessageId;
  readonly last: MessageId;
  readonly records: number;
}

/** In the order of their first ids, at most 1,000. One list request. */
export async function listPacks(bodies: BodyStore, account: AccountKey): Promise<readonly PackPlace[]> {
  const prefix = packPrefix(account);
  const places: PackPlace[] = [];
  for (const { key } of await bodies.list(prefix, '')) {
    const [first = '', last = '', records = ''] = key.slice(prefix.length).split('_');
    if (isMessageId(first) && isMessageId(last)) places.push({ key, first, last, records: Number(records) });
  }
  return places;
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
 * Takes messages out of all packs: for those that are deleted for good. May be repeated. A pack that they leave
 * half empty goes as a whole; whoever walks next makes another.
 */
export async function forgetInPacks(
  bodies: BodyStore,
  account: AccountKey,
  ids: readonly MessageId[],
): Promise<void> {
  for (const place of await listPacks(bodies, account)) {
    const near = ids.filter((id) => mayHold(place, id));
    const pack = near.length === 0 ? undefined : await readPack(bodies, place.key);
    const octets = packMessageIds(near);
    if (!near.some((_, index) => (pack?.find(octets, 16 * index) ?? -1) >= 0)) continue;
    const rest = pack && packWithout(pack, new Set(near));
    if (rest) await bodies.put(packKey(account, rest.pack), rest.octets);
    await bodies.delete([place.key]);
  }
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
