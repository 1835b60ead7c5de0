/**
 * The stored form of an entry: a flat object of strings, numbers, booleans and lists
 * (docs/log.md, "Fields"), without the account. Golden items of every version are in the test.
 */
import assert from 'node:assert/strict';
import type { EntryId, MailboxId, MessageId, ModSeq, UidValidity } from '../ids.ts';
import type { Departure, Entry, EntryBody, MessageFact, NewMailbox } from './entry.ts';
import { maxEntryOctets } from './limits.ts';
import { packMessageIds, unpackMessageIds } from './message-id.ts';
import { packUidSet, unpackUidSet } from './packed-set.ts';

export type ItemValue =
  | string
  | number
  | boolean
  | readonly ItemValue[]
  | { readonly [name: string]: ItemValue };
export type EntryItem = { readonly [name: string]: ItemValue };

/** An entry's stored form; asserts that it fits a DynamoDB item. */
export function encodeEntry(entry: Entry): EntryItem {
  const { modSeq, entryId, atMs, totals } = entry;
  const head = { modSeq, v: 1, id: entryId, at: atMs, b: totals.bytes, m: totals.messages, k: entry.kind };
  const item: EntryItem = { ...head, ...encodeBody(entry) };
  if (isLarge(entry))
    assert.ok(Buffer.byteLength(JSON.stringify(item)) <= maxEntryOctets, 'entry is too large');
  return item;
}

/** The kinds whose size grows with the number of messages; the others need no measuring. */
function isLarge(entry: Entry): boolean {
  return entry.kind !== 'appended' || entry.messages.length > 8;
}

function encodeBody(entry: EntryBody): EntryItem {
  switch (entry.kind) {
    case 'opened':
      return { mbs: entry.mailboxes.map(encodeMailbox) };
    case 'appended':
      return { mb: entry.mailbox, ...encodeMessages(entry.messages) };
    case 'flagged':
      return { mb: entry.mailbox, ch: entry.changes.map(encodeChange) };
    case 'expunged':
    case 'mailboxDeleted':
      return { mb: entry.mailbox, ...encodeDeparture(entry.gone) };
    case 'copied':
      return { mb: entry.from, to: entry.to, u: packUidSet(entry.uids), mv: entry.moved };
    case 'mailboxCreated':
      return { new: encodeMailbox(entry.mailbox) };
    case 'mailboxesRenamed':
      return { rn: entry.renamed.map(({ mailbox, name }) => [mailbox, name]) };
    case 'subscribed':
      return { n: entry.name, on: entry.subscribed };
    case 'reaped':
      return { ids: encodeIds(entry.messageIds) };
  }
}

function encodeMailbox({ mailbox, name, uidValidity, specialUse }: NewMailbox): EntryItem {
  return { i: mailbox, n: name, v: uidValidity, ...(specialUse === undefined ? {} : { s: specialUse }) };
}

function encodeMessages(messages: readonly MessageFact[]): EntryItem {
  const flags = messages.map((message) => message.flags.join(' '));
  const alike = flags.every((text) => text === flags[0]);
  return {
    ids: encodeIds(messages.map((message) => message.messageId)),
    sz: encodeNumbers(messages.map((message) => message.sizeBytes)),
    dt: encodeNumbers(messages.map((message) => wholeSeconds(message.internalDateMs))),
    ...(alike && flags[0] === '' ? {} : { fl: alike ? flags.slice(0, 1) : flags }),
  };
}

function wholeSeconds(ms: number): number {
  assert.equal(ms % 1000, 0, 'an internal date is whole seconds');
  return ms / 1000;
}

function encodeChange(change: {
  uids: string;
  add: readonly string[];
  remove: readonly string[];
}): EntryItem {
  const a = change.add.length === 0 ? {} : { a: change.add.join(' ') };
  const r = change.remove.length === 0 ? {} : { r: change.remove.join(' ') };
  return { u: packUidSet(change.uids), ...a, ...r };
}

function encodeDeparture({ uids, messageIds, sizesBytes }: Departure): EntryItem {
  return { u: packUidSet(uids), ids: encodeIds(messageIds), sz: encodeNumbers(sizesBytes) };
}

function encodeIds(ids: readonly MessageId[]): string {
  return Buffer.from(packMessageIds(ids).buffer).toString('base64url');
}

function encodeNumbers(numbers: readonly number[]): string {
  return numbers.map((value) => value.toString(36)).join(',');
}

/** Thrown for an item that this version cannot read: a newer writer, or damage. */
export class UnreadableEntry extends Error {
  override readonly name = 'UnreadableEntry';
}

/** Back from the stored form; throws UnreadableEntry for an unknown version or kind. */
export function decodeEntry(item: EntryItem): Entry {
  if (item.v !== 1) throw new UnreadableEntry(`entry ${item.modSeq} has version ${item.v}`);
  const head = {
    version: 1 as const,
    modSeq: number(item, 'modSeq') as ModSeq,
    entryId: text(item, 'id') as EntryId,
    atMs: number(item, 'at'),
    totals: { bytes: number(item, 'b'), messages: number(item, 'm') },
  };
  return { ...head, ...decodeBody(item) };
}

function decodeBody(item: EntryItem): EntryBody {
  const mailbox = (name: string) => text(item, name) as MailboxId;
  switch (item.k) {
    case 'opened':
      return { kind: 'opened', mailboxes: list(item, 'mbs').map((one) => decodeMailbox(one as EntryItem)) };
    case 'appended':
      return { kind: 'appended', mailbox: mailbox('mb'), messages: decodeMessages(item) };
    case 'flagged':
      return { kind: 'flagged', mailbox: mailbox('mb'), changes: list(item, 'ch').map(decodeChange) };
    case 'expunged':
      return { kind: 'expunged', mailbox: mailbox('mb'), gone: decodeDeparture(item) };
    case 'mailboxDeleted':
      return { kind: 'mailboxDeleted', mailbox: mailbox('mb'), gone: decodeDeparture(item) };
    case 'copied':
      return {
        kind: 'copied',
        from: mailbox('mb'),
        to: mailbox('to'),
        uids: unpackUidSet(text(item, 'u')),
        moved: item.mv === true,
      };
    case 'mailboxCreated':
      return { kind: 'mailboxCreated', mailbox: decodeMailbox(item.new as EntryItem) };
    case 'mailboxesRenamed':
      return { kind: 'mailboxesRenamed', renamed: list(item, 'rn').map(decodeRename) };
    case 'subscribed':
      return { kind: 'subscribed', name: text(item, 'n'), subscribed: item.on === true };
    case 'reaped':
      return { kind: 'reaped', messageIds: decodeIds(item) };
    default:
      throw new UnreadableEntry(`entry ${item.modSeq} has kind ${item.k}`);
  }
}

function decodeMailbox(item: EntryItem): NewMailbox {
  const specialUse = item.s === undefined ? {} : { specialUse: text(item, 's') };
  const uidValidity = number(item, 'v') as UidValidity;
  return { mailbox: text(item, 'i') as MailboxId, name: text(item, 'n'), uidValidity, ...specialUse };
}

function decodeRename(pair: ItemValue): { mailbox: MailboxId; name: string } {
  const [mailbox, name] = pair as readonly [string, string];
  return { mailbox: mailbox as MailboxId, name };
}

function decodeMessages(item: EntryItem): readonly MessageFact[] {
  const sizes = decodeNumbers(item, 'sz');
  const dates = decodeNumbers(item, 'dt');
  const flags = (item.fl ?? ['']) as readonly string[];
  return decodeIds(item).map((messageId, index) => ({
    messageId,
    sizeBytes: sizes[index] ?? 0,
    internalDateMs: (dates[index] ?? 0) * 1000,
    flags: words(flags[index] ?? flags[0] ?? ''),
  }));
}

function decodeChange(item: ItemValue): { uids: string; add: readonly string[]; remove: readonly string[] } {
  const { u, a, r } = item as { u: string; a?: string; r?: string };
  return { uids: unpackUidSet(u), add: words(a ?? ''), remove: words(r ?? '') };
}

function decodeDeparture(item: EntryItem): Departure {
  return {
    uids: unpackUidSet(text(item, 'u')),
    messageIds: decodeIds(item),
    sizesBytes: decodeNumbers(item, 'sz'),
  };
}

function decodeIds(item: EntryItem): readonly MessageId[] {
  return unpackMessageIds(Buffer.from(text(item, 'ids'), 'base64url'));
}

function decodeNumbers(item: EntryItem, name: string): readonly number[] {
  const value = text(item, name);
  return value === '' ? [] : value.split(',').map((digits) => Number.parseInt(digits, 36));
}

function words(value: string): readonly string[] {
  return value === '' ? [] : value.split(' ');
}

function text(item: EntryItem, name: string): string {
  const value = item[name];
  if (typeof value !== 'string') throw new UnreadableEntry(`entry ${item.modSeq} has no ${name}`);
  return value;
}

function number(item: EntryItem, name: string): number {
  const value = item[name];
  if (typeof value !== 'number') throw new UnreadableEntry(`entry ${item.modSeq} has no ${name}`);
  return value;
}

function list(item: EntryItem, name: string): readonly ItemValue[] {
  const value = item[name];
  if (!Array.isArray(value)) throw new UnreadableEntry(`entry ${item.modSeq} has no ${name}`);
  return value;
}
