/**
 * What the parsers produce. Placeholders stay in the tree, so that one parse serves every
 * request with the same text; `Bindings` give them their meaning.
 */

/** A step into a document: a name (`a` or the placeholder `#a`) or a list index. */
export type Step = string | number;

/** The first step is always a name. */
export type Path = readonly Step[];

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'size'; readonly path: Path };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly operand: Condition }
  | {
      readonly kind: 'compare';
      readonly operator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: 'between'; readonly value: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly value: Operand; readonly options: readonly Operand[] }
  | { readonly kind: 'exists' | 'notExists'; readonly path: Path }
  | { readonly kind: 'type'; readonly value: Operand; readonly type: Operand }
  | { readonly kind: 'beginsWith'; readonly value: Operand; readonly prefix: Operand }
  | { readonly kind: 'contains'; readonly container: Operand; readonly element: Operand };

export type SetValue =
  | Operand
  | { readonly kind: 'plus' | 'minus'; readonly left: SetValue; readonly right: SetValue }
  | { readonly kind: 'ifNotExists'; readonly path: Path; readonly fallback: SetValue }
  | { readonly kind: 'listAppend'; readonly left: SetValue; readonly right: SetValue };

export interface Update {
  /** Every path that is written, in the order of the text. */
  readonly paths: readonly Path[];
  readonly set: readonly { readonly path: Path; readonly value: SetValue }[];
  readonly remove: readonly Path[];
  readonly add: readonly { readonly path: Path; readonly value: string }[];
  readonly delete: readonly { readonly path: Path; readonly value: string }[];
}

/** A parsed expression and the placeholders it uses. */
export interface Parsed<T> {
  readonly tree: T;
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}
