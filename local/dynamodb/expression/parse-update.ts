/**
 * The grammar of update expressions, on top of the shared expression parser:
 *
 *   update  = 1*( "SET" set *( "," set ) / "REMOVE" path *( "," path )
 *           / "ADD" path ":value" ... / "DELETE" path ":value" ... )   ; each clause once
 *   set     = path "=" value
 *   value   = operand [ ( "+" / "-" ) operand ]
 *   operand = path / ":value" / "if_not_exists" "(" path "," value ")"
 *           / "list_append" "(" value "," value ")"
 */
import type { Parsed, Path, SetValue, Update } from './ast.ts';
import { ExpressionParser } from './parse.ts';

type Clause = 'SET' | 'REMOVE' | 'ADD' | 'DELETE';
const CLAUSES: readonly Clause[] = ['SET', 'REMOVE', 'ADD', 'DELETE'];
const MAX_DEPTH = 50;

interface Building {
  readonly paths: Path[];
  readonly set: { path: Path; value: SetValue }[];
  readonly remove: Path[];
  readonly add: { path: Path; value: string }[];
  readonly delete: { path: Path; value: string }[];
}

export function parseUpdate(text: string): Parsed<Update> {
  const parser = new ExpressionParser('UpdateExpression', text);
  const update: Building = { paths: [], set: [], remove: [], add: [], delete: [] };
  const seen = new Set<Clause>();
  while (parser.cursor.peek().kind !== 'end') {
    const clause = CLAUSES.find((name) => parser.cursor.takeKeyword(name));
    if (clause === undefined) throw parser.cursor.syntaxError();
    if (seen.has(clause)) {
      throw parser.cursor.error(`The "${clause}" section can only be used once in an update expression;`);
    }
    seen.add(clause);
    do parseAction(parser, clause, update);
    while (parser.cursor.takeSymbol(','));
  }
  return parser.finish(update);
}

function parseAction(parser: ExpressionParser, clause: Clause, update: Building): void {
  const path = parser.path();
  update.paths.push(path);
  switch (clause) {
    case 'SET':
      parser.cursor.expectSymbol('=');
      update.set.push({ path, value: parseValue(parser, 0) });
      break;
    case 'REMOVE':
      update.remove.push(path);
      break;
    case 'ADD':
      update.add.push({ path, value: parser.value() });
      break;
    case 'DELETE':
      update.delete.push({ path, value: parser.value() });
  }
}

function parseValue(parser: ExpressionParser, depth: number): SetValue {
  const left = parseOperand(parser, depth);
  const isSum = parser.cursor.takeSymbol('+');
  if (!isSum && !parser.cursor.takeSymbol('-')) return left;
  parser.countOperator();
  return { kind: isSum ? 'plus' : 'minus', left, right: parseOperand(parser, depth) };
}

function parseOperand(parser: ExpressionParser, depth: number): SetValue {
  if (depth > MAX_DEPTH) throw parser.cursor.error('The expression contains too many nested functions');
  if (parser.cursor.takeSymbol('(')) {
    const inner = parseValue(parser, depth + 1);
    parser.cursor.expectSymbol(')');
    return inner;
  }
  if (!parser.isFunction()) {
    return parser.cursor.peek().kind === 'attributeValue'
      ? { kind: 'value', name: parser.value() }
      : { kind: 'path', path: parser.path() };
  }
  return parseFunction(parser, depth);
}

function parseFunction(parser: ExpressionParser, depth: number): SetValue {
  const name = parser.cursor.take().text;
  if (name !== 'if_not_exists' && name !== 'list_append') {
    throw parser.cursor.error(
      name === 'size' || name.startsWith('attribute_')
        ? `The function is not allowed in an update expression; function: ${name}`
        : `Invalid function name; function: ${name}`,
    );
  }
  const [left, right] = parser.arguments(name, 2, () => parseValue(parser, depth + 1));
  if (left === undefined || right === undefined) throw parser.cursor.syntaxError();
  if (name === 'list_append') return { kind: 'listAppend', left, right };
  if (left.kind !== 'path') {
    throw parser.cursor.error(
      'Operator or function requires a document path; operator or function: if_not_exists',
    );
  }
  return { kind: 'ifNotExists', path: left.path, fallback: right };
}
