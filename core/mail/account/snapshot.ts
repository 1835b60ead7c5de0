/**
 * The binary form of a state at rest (docs/log.md, "Snapshots"): manifest and one segment of
 * columns per mailbox, each with a checksum. Golden octets of every version are in the test.
 */
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import type { MailboxId, ModSeq, Uid, UidValidity } from '../ids.ts';
import { MailboxColumns } from './columns.ts';
import { FlagTable } from './flag-table.ts';
import { Marks } from './marks.ts';
import type { AccountState, MailboxState } from './state.ts';

const magic = 'PFSNAP01';
const headOctets = magic.length + 8;
const octetsPerRow = 48;

interface Manifest {
  readonly modSeq: number;
  readonly bytes: number;
  readonly messages: number;
  readonly lastUidValidity: number;
  readonly subscriptions: readonly string[];
  readonly mailboxes: readonly ManifestMailbox[];
}

interface ManifestMailbox {
  readonly i: string;
  readonly n: string;
  readonly v: number;
  readonly s?: string;
  readonly next: number;
  readonly high: number;
  readonly bytes: number;
  readonly unseen: number;
  readonly rows: number;
  readonly flags: readonly (readonly string[])[];
  readonly at: number;
  readonly length: number;
  readonly crc: number;
}

/** The snapshot of a state. The same state gives the same octets, however it was folded. */
export function encodeSnapshot(state: AccountState): Uint8Array {
  const segments: Uint8Array[] = [];
  let at = 0;
  const ordered = [...state.mailboxes.values()].sort((a, b) => (a.mailbox < b.mailbox ? -1 : 1));
  const mailboxes = ordered.map((mailbox) => {
    const { flags, segment } = encodeSegment(mailbox);
    const entry = manifestMailbox(mailbox, flags, segment, at);
    segments.push(segment);
    at += segment.length;
    return entry;
  });
  const { modSeq, totals, lastUidValidity } = state;
  const subscriptions = [...state.subscriptions].sort();
  const manifest: Manifest = { modSeq, ...totals, lastUidValidity, subscriptions, mailboxes };
  const json = Buffer.from(JSON.stringify(manifest));
  const head = Buffer.alloc(headOctets);
  head.write(magic, 'latin1');
  head.writeUInt32LE(json.length, magic.length);
  head.writeUInt32LE(crc32(json), magic.length + 4);
  return Buffer.concat([head, json, ...segments]);
}

function manifestMailbox(
  mailbox: MailboxState,
  flags: readonly (readonly string[])[],
  segment: Uint8Array,
  at: number,
): ManifestMailbox {
  const { specialUse, columns, bytes, unseen } = mailbox;
  return {
    i: mailbox.mailbox,
    n: mailbox.name,
    v: mailbox.uidValidity,
    ...(specialUse === undefined ? {} : { s: specialUse }),
    next: mailbox.uidNext,
    high: mailbox.highestModSeq,
    bytes,
    unseen,
    rows: columns.count,
    flags,
    at,
    length: segment.length,
    crc: crc32(segment),
  };
}

/** Sets of flags are numbered anew, in the order of their first row: those of no row are left out. */
function encodeSegment({ columns }: MailboxState): {
  flags: readonly (readonly string[])[];
  segment: Uint8Array;
} {
  assert.ok(columns instanceof MailboxColumns);
  const rows = columns.count;
  const numbers = new Map<number, number>();
  const flags: (readonly string[])[] = [];
  const flagSet = new Uint32Array(rows);
  const modSeq = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    modSeq[row] = columns.modSeq(row);
    const old = columns.flagSet(row);
    let number = numbers.get(old);
    if (number === undefined) {
      number = flags.push(columns.flagSets.flags(old)) - 1;
      numbers.set(old, number);
    }
    flagSet[row] = number;
  }
  const dates = columns.internalDateMs.slice(0, rows).map((ms) => ms / 1000);
  const parts = [
    dates,
    columns.sizeBytes.subarray(0, rows),
    modSeq,
    columns.uid.subarray(0, rows),
    flagSet,
    columns.ids,
  ];
  return { flags, segment: Buffer.concat(parts.map(octetsOf)) };
}

// All platforms that Node runs on here are little-endian, as the format is.
function octetsOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The state in a snapshot; undefined for one that is damaged, cut off or of an unknown version. */
export function decodeSnapshot(octets: Uint8Array): AccountState | undefined {
  const bytes = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  if (bytes.length < headOctets || bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  const end = headOctets + bytes.readUInt32LE(magic.length);
  if (end > bytes.length) return undefined;
  const json = bytes.subarray(headOctets, end);
  if (crc32(json) !== bytes.readUInt32LE(magic.length + 4)) return undefined;
  const manifest = JSON.parse(json.toString()) as Manifest;
  const mailboxes = new Map<MailboxId, MailboxState>();
  for (const entry of manifest.mailboxes) {
    const segment = bytes.subarray(end + entry.at, end + entry.at + entry.length);
    if (segment.length !== octetsPerRow * entry.rows || crc32(segment) !== entry.crc) return undefined;
    mailboxes.set(entry.i as MailboxId, decodeMailbox(entry, segment));
  }
  const { modSeq, bytes: total, messages, lastUidValidity } = manifest;
  const totals = { bytes: total, messages };
  return {
    modSeq: modSeq as ModSeq,
    totals,
    mailboxes,
    subscriptions: new Set(manifest.subscriptions),
    lastUidValidity,
  };
}

function decodeMailbox(entry: ManifestMailbox, segment: Uint8Array): MailboxState {
  const { rows, bytes, unseen } = entry;
  // A copy of its own, aligned: the segment lies anywhere in the object.
  const { buffer } = Uint8Array.from(segment);
  const internalDateMs = new Float64Array(buffer, 0, rows).map((seconds) => seconds * 1000);
  const sizeBytes = new Float64Array(buffer, 8 * rows, rows);
  const modSeq = new Float64Array(buffer, 16 * rows, rows);
  const uid = new Uint32Array(buffer, 24 * rows, rows);
  const ids = new Uint8Array(buffer, 32 * rows, 16 * rows);
  const flagSets = new FlagTable();
  const indexes = entry.flags.map((flags) => flagSets.index(flags));
  const flagSet = new Uint32Array(buffer, 28 * rows, rows).map((number) => indexes[number] ?? 0);
  const marks = Marks.of(flagSet, modSeq);
  return {
    mailbox: entry.i as MailboxId,
    name: entry.n,
    specialUse: entry.s,
    uidValidity: entry.v as UidValidity,
    uidNext: entry.next as Uid,
    highestModSeq: entry.high as ModSeq,
    bytes,
    unseen,
    columns: MailboxColumns.of(rows, { uid, sizeBytes, internalDateMs, ids }, marks, flagSets),
  };
}
