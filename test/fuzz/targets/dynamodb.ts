/** Expressions of the embedded DynamoDB: a text is refused in AWS's words or works; nothing else comes out. */
import { DynamoError } from '../../../local/dynamodb/errors.ts';
import { Bindings } from '../../../local/dynamodb/expression/bindings.ts';
import { checkCondition, evaluate } from '../../../local/dynamodb/expression/evaluate.ts';
import { project } from '../../../local/dynamodb/expression/projection.ts';
import { applyUpdate, checkUpdate } from '../../../local/dynamodb/expression/update.ts';
import { checkItem } from '../../../local/dynamodb/values.ts';
import type { Chance } from '../chance.ts';
import type { Target } from '../target.ts';

const words = [
  'attribute_exists(a)',
  'attribute_not_exists(#a.b[0])',
  'attribute_type(a, :t)',
  'begins_with(s, :s)',
  'contains(l, :n)',
  'size(m)',
  ' AND ',
  ' OR ',
  'NOT ',
  'a = :n',
  's <> :s',
  'n BETWEEN :n AND :n',
  'n IN (:n, :s)',
  '(',
  ')',
  'SET a = :n',
  'SET a = if_not_exists(a, :n) + :n, l = list_append(l, :l)',
  ' REMOVE m.x, l[1]',
  ' ADD n :n, ss :ss',
  ' DELETE ss :ss',
  '#a',
  ':b',
  'l[0]',
  '[',
  ']',
  '.',
  ',',
  '__proto__',
  'constructor',
];
const values = {
  ExpressionAttributeNames: { '#a': 'a', '#p': '__proto__' },
  ExpressionAttributeValues: {
    ':n': { N: '1' },
    ':s': { S: 'x' },
    ':t': { S: 'N' },
    ':b': { BOOL: true },
    ':l': { L: [{ N: '1' }] },
    ':ss': { SS: ['a', 'b'] },
  },
};

/** First octet: U, P, K, or else a condition. */
export const dynamodb: Target = {
  name: 'dynamodb',
  words,
  generate: (chance: Chance) =>
    Buffer.from(`${chance.pick(['U', 'P', 'C', 'K'])}${chance.some(6, () => chance.pick(words))}`, 'latin1'),
  run: (input) => {
    try {
      runExpression(input.toString('latin1', 0, 1), input.toString('latin1', 1));
    } catch (error) {
      if (!(error instanceof DynamoError)) throw error;
    }
  },
};

function runExpression(kind: string, text: string): void {
  const bindings = new Bindings(values);
  const item = checkItem({
    a: { N: '5' },
    n: { N: '1' },
    s: { S: 'xyz' },
    l: { L: [{ N: '1' }, { S: 'two' }] },
    m: { M: { x: { NULL: true } } },
    ss: { SS: ['a', 'c'] },
  });
  if (kind === 'U') {
    const update = bindings.parse('UpdateExpression', { UpdateExpression: text });
    if (update === undefined) return;
    checkUpdate(update, bindings);
    applyUpdate(update, item, bindings);
    checkItem(item);
  } else if (kind === 'P') {
    const paths = bindings.parse('ProjectionExpression', { ProjectionExpression: text });
    if (paths !== undefined)
      checkItem(
        project(
          item,
          paths.map((path) => bindings.path(path)),
        ),
      );
  } else if (kind === 'K') {
    bindings.parse('KeyConditionExpression', { KeyConditionExpression: text });
  } else {
    const condition = bindings.parse('ConditionExpression', { ConditionExpression: text });
    if (condition === undefined) return;
    checkCondition('ConditionExpression', condition, bindings);
    evaluate(condition, item, bindings);
  }
}
