/**
 * A command as a value: what the parser makes of the octets and all that a handler gets.
 * RFC 3501 6, with the extensions named at each. Knows neither connection nor mailbox.
 */
import type { SequenceSet } from '../../mail/uid-set.ts';
import type { FetchItem } from './fetch-item.ts';
import type { SearchKey } from './search-key.ts';

export type Command =
  | { readonly name: 'CAPABILITY' }
  | { readonly name: 'NOOP' }
  | { readonly name: 'LOGOUT' }
  /** RFC 2971. */
  | { readonly name: 'ID' }
  | { readonly name: 'STARTTLS' }
  /** `initial` is still base64; '=' stands for an empty one (RFC 4959). */
  | { readonly name: 'AUTHENTICATE'; readonly mechanism: string; readonly initial: string | undefined }
  | { readonly name: 'LOGIN'; readonly user: string; readonly password: string }
  /** RFC 5161. In capitals. */
  | { readonly name: 'ENABLE'; readonly capabilities: readonly string[] }
  | { readonly name: 'SELECT' | 'EXAMINE'; readonly mailbox: string; readonly condstore: boolean }
  /** RFC 6154 3: with USE, an attribute as '\\Sent'. */
  | { readonly name: 'CREATE'; readonly mailbox: string; readonly specialUse: string | undefined }
  | { readonly name: 'DELETE' | 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly mailbox: string }
  | { readonly name: 'RENAME'; readonly from: string; readonly to: string }
  | ListCommand
  | { readonly name: 'LSUB'; readonly reference: string; readonly pattern: string }
  /** RFC 2342. */
  | { readonly name: 'NAMESPACE' }
  | { readonly name: 'STATUS'; readonly mailbox: string; readonly items: readonly StatusItem[] }
  | AppendCommand
  /** RFC 9208. */
  | { readonly name: 'GETQUOTA'; readonly root: string }
  | { readonly name: 'GETQUOTAROOT'; readonly mailbox: string }
  /** RFC 2177. */
  | { readonly name: 'IDLE' }
  | { readonly name: 'CHECK' | 'CLOSE' }
  /** RFC 3691. */
  | { readonly name: 'UNSELECT' }
  /** `uids` with UID EXPUNGE (RFC 4315). */
  | { readonly name: 'EXPUNGE'; readonly uids: SequenceSet | undefined }
  | SearchCommand
  | FetchCommand
  | StoreCommand
  /** MOVE: RFC 6851. */
  | {
      readonly name: 'COPY' | 'MOVE';
      readonly byUid: boolean;
      readonly set: SequenceSet;
      readonly mailbox: string;
    };

export type CommandName = Command['name'];
/** The command of that name; where several share a shape, that shape. */
export type CommandOf<Name extends CommandName> = Matching<Command, Name>;
type Matching<Shape extends Command, Name> = Shape extends Command
  ? Name extends Shape['name']
    ? Shape
    : never
  : never;

export interface ListCommand {
  readonly name: 'LIST';
  readonly reference: string;
  readonly patterns: readonly string[];
  /** RFC 5258 3.1, RFC 6154 2; undefined for the LIST of RFC 3501. */
  readonly selection: readonly ListSelection[] | undefined;
  /** RFC 5258 3.2; undefined for the LIST of RFC 3501. */
  readonly returns: readonly ListReturn[] | undefined;
  /** RETURN (STATUS (...)), RFC 5819. */
  readonly status: readonly StatusItem[];
}

export const listSelections = ['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE'] as const;
export type ListSelection = (typeof listSelections)[number];
export const listReturns = ['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE', 'STATUS'] as const;
export type ListReturn = (typeof listReturns)[number];

/** The message's literal is still on the connection. */
export interface AppendCommand {
  readonly name: 'APPEND';
  readonly mailbox: string;
  readonly flags: readonly string[];
  readonly internalDateMs: number | undefined;
  readonly literal: MessageLiteral;
}

export interface MessageLiteral {
  readonly octets: number;
  /** The client waits for '+' before it sends (no LITERAL+). */
  readonly synchronizing: boolean;
}

export interface SearchCommand {
  readonly name: 'SEARCH';
  readonly byUid: boolean;
  /** In capitals, as the client spelled it otherwise. */
  readonly charset: string | undefined;
  readonly key: SearchKey;
  /** RETURN options (RFC 4731); undefined asks for the untagged SEARCH of RFC 3501. */
  readonly returns: readonly SearchReturn[] | undefined;
}

export type SearchReturn = 'MIN' | 'MAX' | 'ALL' | 'COUNT';

export interface FetchCommand {
  readonly name: 'FETCH';
  readonly byUid: boolean;
  readonly set: SequenceSet;
  readonly items: readonly FetchItem[];
  /** RFC 7162 3.1.4.1. */
  readonly changedSince: number | undefined;
}

export interface StoreCommand {
  readonly name: 'STORE';
  readonly byUid: boolean;
  readonly set: SequenceSet;
  readonly mode: 'replace' | 'add' | 'remove';
  readonly silent: boolean;
  readonly flags: readonly string[];
  /** RFC 7162 3.1.3. */
  readonly unchangedSince: number | undefined;
}

/** RFC 3501 6.3.10, RFC 7162 3.1.7, RFC 8438, RFC 9208 4.1. */
export const statusItems = [
  'MESSAGES',
  'RECENT',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'HIGHESTMODSEQ',
  'SIZE',
  'DELETED',
  'DELETED-STORAGE',
] as const;
export type StatusItem = (typeof statusItems)[number];
