/** Values of header fields: addresses, dates, encoded words, parameters, message ids. */
import assert from 'node:assert/strict';
import { formatAddress, parseAddress, scanAddress } from '../../../core/mail/address.ts';
import { displayAddresses, parseAddressList } from '../../../core/mail/message/address-list.ts';
import { parseDate } from '../../../core/mail/message/date.ts';
import { decodeEncodedWords, encodeWords } from '../../../core/mail/message/encoded-words.ts';
import { messageIds } from '../../../core/mail/message/envelope.ts';
import { parseHeaderFields, parseHeaderText } from '../../../core/mail/message/header-fields.ts';
import { decodeParameter, parseParameterised } from '../../../core/mail/message/parameters.ts';
import { textOfHtml } from '../../../core/mail/message/preview.ts';
import type { Chance } from '../chance.ts';
import type { Target } from '../target.ts';

export const headerWords: readonly string[] = [
  '=?utf-8?Q?=C3=A4?=',
  '=?utf-8?B?w6Q=?=',
  '=?x?Q??=',
  '"Doe, J." <j@x.example>',
  '<@a,@b:c@d>',
  'group: a@b, c@d;',
  '(comment (nested))',
  'Mon, 1 Jan 2024 10:00:00 +0100',
  '31 Feb 99 25:61 EST',
  '; name="a b"; x*0*=utf-8\'en\'%41; x*1=b',
  '<id@host> <other@host>',
  '"',
  '\\',
  '(',
  ')',
  '<',
  '>',
  ',',
  ';',
  '@',
  '[192.0.2.1]',
  '\r\n ',
  'xn--4ca.example',
  '\xc3\xa4',
  '&nbsp;',
  '<!--',
  '</p',
];

export function headerValue(chance: Chance): string {
  return chance.some(4, () => chance.pick([chance.pick(headerWords), chance.octets(6)]), ' ');
}

export const header: Target = {
  name: 'header',
  words: headerWords,
  generate: (chance) => Buffer.from(headerValue(chance), 'latin1'),
  run: (input) => {
    const value = input.toString('latin1');
    checkAddresses(value);
    const date = parseDate(value);
    assert.ok(
      date === undefined || (Number.isSafeInteger(date) && !Number.isNaN(new Date(date).getTime())),
      'date',
    );
    checkWords(value);
    const { parameters } = parseParameterised(value);
    assert.ok(parameters.length <= 64, 'parameters');
    for (const { name } of parameters) decodeParameter(parameters, name);
    for (const id of messageIds(value)) assert.ok(id.length <= 998, 'message id');
    assert.deepEqual(parseHeaderFields(input), parseHeaderText(value));
    assert.ok(textOfHtml(value.slice(0, 16_384)).length <= 16_384 * 2, 'text of HTML');
  },
};

function checkAddresses(value: string): void {
  const items = parseAddressList(value);
  assert.ok(items.length <= 6000, `${items.length} items`);
  let depth = 0;
  for (const { kind } of items) {
    if (kind === 'group-start') depth++;
    if (kind === 'group-end') depth--;
    assert.ok(depth === 0 || depth === 1, 'groups do not nest');
  }
  assert.equal(depth, 0, 'an open group');
  assert.ok(displayAddresses(items, 200).length <= 200, 'display');
  const address = parseAddress(value);
  if (address !== undefined) assert.deepEqual(parseAddress(formatAddress(address)), address, 'address again');
  const scanned = scanAddress(value, 0);
  assert.ok(scanned === undefined || (scanned.end > 0 && scanned.end <= value.length), 'scanned');
}

function checkWords(value: string): void {
  const decoded = decodeEncodedWords(value);
  assert.ok(decoded.isWellFormed(), 'well-formed');
  if (decoded.length > 2000 || /[\r\n]/.test(decoded)) return;
  const again = encodeWords(decoded);
  assert.ok(/^[\x00-\x7f]*$/.test(again), 'encoded is ASCII');
}
