/**
 * Recursive descent over the tokens of conditions and projections:
 *
 *   condition  = conjunct *( "OR" conjunct )
 *   conjunct   = negation *( "AND" negation )
 *   negation   = "NOT" negation / primary
 *   primary    = "(" condition ")" / function / operand ( comparator operand
 *              / "BETWEEN" operand "AND" operand / "IN" "(" operand *( "," operand ) ")" )
 *   operand    = path / ":value" / "size" "(" path ")"
 *   path       = name *( "." name / "[" index "]" )
 *
 * Knows the grammar only; meanings are in the evaluators.
 */

import type { Comparator, Condition, Operand, Parsed, Path, Step } from './ast.ts';
import { RESERVED_WORDS } from './reserved-words.ts';
import { type ExpressionKind, TokenCursor } from './tokens.ts';

export const MAX_IN_OPERANDS = 100;
/** Comparators, AND, OR, NOT, functions and the rest of what is no name, value or clause. */
export const MAX_OPERATORS = 300;
/** Parentheses and NOTs may nest this deep; keeps the parser's stack bounded. */
const MAX_DEPTH = 150;

const COMPARATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);

/** How many operands each function of a condition takes. */
const CONDITION_FUNCTIONS: Readonly<Record<string, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
};

/** Cursor plus the placeholders seen so far; parsers of every expression kind build on it. */
export class ExpressionParser {
  readonly cursor: TokenCursor;
  readonly names = new Set<string>();
  readonly values = new Set<string>();
  #depth = 0;
  #operators = 0;

  constructor(kind: ExpressionKind, text: string) {
    this.cursor = new TokenCursor(kind, text);
  }

  finish<T>(tree: T): Parsed<T> {
    if (this.cursor.peek().kind !== 'end') throw this.cursor.syntaxError();
    return { tree, names: this.names, values: this.values };
  }

  condition(): Condition {
    let left = this.#conjunction();
    while (this.cursor.takeKeyword('OR')) {
      this.countOperator();
      left = { kind: 'or', left, right: this.#conjunction() };
    }
    return left;
  }

  /** To be called for each operator and function of the expression. */
  countOperator(): void {
    this.#operators += 1;
    if (this.#operators <= MAX_OPERATORS) return;
    throw this.cursor.error(
      `The expression contains too many operators; operator count: ${String(this.#operators)}`,
    );
  }

  path(): Path {
    const steps: Step[] = [this.#name()];
    for (;;) {
      if (this.cursor.takeSymbol('.')) steps.push(this.#name());
      else if (this.cursor.takeSymbol('[')) steps.push(this.#index());
      else return steps;
    }
  }

  /** A `:value` placeholder. */
  value(): string {
    const token = this.cursor.peek();
    if (token.kind !== 'attributeValue') throw this.cursor.syntaxError();
    this.cursor.take();
    this.values.add(token.text);
    return token.text;
  }

  operand(): Operand {
    const token = this.cursor.peek();
    if (token.kind === 'attributeValue') return { kind: 'value', name: this.value() };
    if (!this.isFunction()) return { kind: 'path', path: this.path() };
    if (token.text !== 'size') throw this.#misusedFunction(token.text);
    this.cursor.take();
    const [operand] = this.arguments('size', 1, () => this.operand());
    if (operand?.kind !== 'path') throw this.#needsPath('size');
    return { kind: 'size', path: operand.path };
  }

  isFunction(): boolean {
    return this.cursor.peek().kind === 'name' && this.cursor.peek(1).text === '(';
  }

  /** The parenthesised operands of a function, whose name has been taken. */
  arguments<T>(name: string, count: number, parse: () => T): T[] {
    this.countOperator();
    this.cursor.expectSymbol('(');
    const operands = [parse()];
    while (this.cursor.takeSymbol(',')) operands.push(parse());
    this.cursor.expectSymbol(')');
    if (operands.length !== count) {
      throw this.cursor.error(
        `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${String(operands.length)}`,
      );
    }
    return operands;
  }

  #conjunction(): Condition {
    let left = this.#negation();
    while (this.cursor.takeKeyword('AND')) {
      this.countOperator();
      left = { kind: 'and', left, right: this.#negation() };
    }
    return left;
  }

  #negation(): Condition {
    if (!this.cursor.takeKeyword('NOT')) return this.#primary();
    this.countOperator();
    return { kind: 'not', operand: this.#nested(() => this.#negation()) };
  }

  #primary(): Condition {
    if (this.cursor.takeSymbol('(')) {
      const inner = this.#nested(() => this.condition());
      this.cursor.expectSymbol(')');
      return inner;
    }
    if (this.isFunction() && this.cursor.peek().text !== 'size') return this.#function();
    return this.#comparison(this.operand());
  }

  #nested<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw this.cursor.error('The expression contains too many nested parentheses or operators');
    }
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  #function(): Condition {
    const name = this.cursor.take().text;
    const count = Object.hasOwn(CONDITION_FUNCTIONS, name) ? CONDITION_FUNCTIONS[name] : undefined;
    if (count === undefined) throw this.#misusedFunction(name);
    const [first, second] = this.arguments(name, count, () => this.operand());
    if (first === undefined) throw this.cursor.syntaxError();
    if (name === 'attribute_exists' || name === 'attribute_not_exists') {
      if (first.kind !== 'path') throw this.#needsPath(name);
      return { kind: name === 'attribute_exists' ? 'exists' : 'notExists', path: first.path };
    }
    if (second === undefined) throw this.cursor.syntaxError();
    if (name === 'attribute_type') return { kind: 'type', value: first, type: second };
    if (name === 'begins_with') return { kind: 'beginsWith', value: first, prefix: second };
    return { kind: 'contains', container: first, element: second };
  }

  #comparison(left: Operand): Condition {
    this.countOperator();
    const token = this.cursor.peek();
    if (token.kind === 'symbol' && isComparator(token.text)) {
      this.cursor.take();
      return { kind: 'compare', operator: token.text, left, right: this.operand() };
    }
    if (this.cursor.takeKeyword('BETWEEN')) {
      const low = this.operand();
      if (!this.cursor.takeKeyword('AND')) throw this.cursor.syntaxError();
      return { kind: 'between', value: left, low, high: this.operand() };
    }
    if (this.cursor.takeKeyword('IN')) return { kind: 'in', value: left, options: this.#options() };
    if (left.kind === 'size') throw this.#misusedFunction('size');
    throw this.cursor.syntaxError();
  }

  #options(): Operand[] {
    this.cursor.expectSymbol('(');
    const options = [this.operand()];
    while (this.cursor.takeSymbol(',')) options.push(this.operand());
    this.cursor.expectSymbol(')');
    if (options.length > MAX_IN_OPERANDS) {
      throw this.cursor.error(
        `The IN operator is provided with too many operands; number of operands: ${String(options.length)}`,
      );
    }
    return options;
  }

  #name(): string {
    const token = this.cursor.peek();
    if (token.kind === 'attributeName') {
      this.names.add(token.text);
    } else if (token.kind !== 'name') {
      throw this.cursor.syntaxError();
    } else if (RESERVED_WORDS.has(token.text.toUpperCase())) {
      throw this.cursor.error(`Attribute name is a reserved keyword; reserved keyword: ${token.text}`);
    }
    return this.cursor.take().text;
  }

  #index(): number {
    const token = this.cursor.peek();
    if (token.kind !== 'number') throw this.cursor.syntaxError();
    this.cursor.take();
    this.cursor.expectSymbol(']');
    const index = Number(token.text);
    if (index > 0x7fffffff) {
      throw this.cursor.error(`List index is not within the allowable range; index: [${token.text}]`);
    }
    return index;
  }

  #needsPath(name: string): Error {
    return this.cursor.error(`Operator or function requires a document path; operator or function: ${name}`);
  }

  #misusedFunction(name: string): Error {
    const known =
      Object.hasOwn(CONDITION_FUNCTIONS, name) || ['size', 'if_not_exists', 'list_append'].includes(name);
    return this.cursor.error(
      known
        ? `The function is not allowed to be used this way in an expression; function: ${name}`
        : `Invalid function name; function: ${name}`,
    );
  }
}

export function parseCondition(kind: ExpressionKind, text: string): Parsed<Condition> {
  const parser = new ExpressionParser(kind, text);
  return parser.finish(parser.condition());
}

export function parseProjection(text: string): Parsed<readonly Path[]> {
  const parser = new ExpressionParser('ProjectionExpression', text);
  const paths = [parser.path()];
  while (parser.cursor.takeSymbol(',')) paths.push(parser.path());
  return parser.finish(paths);
}

function isComparator(text: string): text is Comparator {
  return COMPARATORS.has(text);
}
